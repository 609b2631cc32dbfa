import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { PortRange } from "./selection.ts";

/** The processes among `pids` that listen on one of the ports, in whatever network namespace, read from /proc. */
export function listeners(pids: readonly number[], ports: readonly PortRange[]): ReadonlySet<number> {
  const sockets = new Map<string, ReadonlySet<string>>();
  const found = new Set<number>();
  if (ports.length === 0) return found;
  for (const pid of pids) {
    const namespace = attempt(() => readlinkSync(`/proc/${pid}/ns/net`));
    if (namespace === undefined) continue;
    let listening = sockets.get(namespace);
    if (listening === undefined) {
      const tables = ["tcp", "tcp6"].map((name) =>
        attempt(() => readFileSync(`/proc/${pid}/net/${name}`, "latin1")),
      );
      sockets.set(namespace, (listening = listeningSockets(tables.join("\n"), ports)));
    }
    if (listening.size > 0 && hasAny(pid, listening)) found.add(pid);
  }
  return found;
}

/** Inodes of listening sockets in the text of /proc/net/tcp. */
export function listeningSockets(table: string, ports: readonly PortRange[]): ReadonlySet<string> {
  const listenState = "0A";
  const inodes = new Set<string>();
  for (const line of table.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[3] !== listenState) continue;
    const port = Number.parseInt(words[1]?.split(":")[1] ?? "", 16);
    if (ports.some(({ first, last }) => port >= first && port <= last)) inodes.add(words[9] ?? "");
  }
  return inodes;
}

function hasAny(pid: number, inodes: ReadonlySet<string>): boolean {
  for (const name of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${name}`));
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? "")?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

/** Processes end while they are looked at, and others are not ours to look at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
