import { closeSync, openSync, readlinkSync, readSync } from "node:fs";
import { openSockets } from "./open-connections.ts";
import type { PortRange } from "./selection.ts";

/** On which of the ports the processes listen, in whatever network namespace, read from /proc; processes that listen on none are left out. */
export function listeners(
  pids: readonly number[],
  ports: readonly PortRange[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const sockets = new Map<string, ReadonlyMap<string, number>>();
  const found = new Map<number, ReadonlySet<number>>();
  if (ports.length === 0) return found;
  for (const pid of pids) {
    const namespace = attempt(() => readlinkSync(`/proc/${pid}/ns/net`));
    if (namespace === undefined) continue;
    let listening = sockets.get(namespace);
    if (listening === undefined) {
      const tables = ["tcp", "tcp6"].map((name) => attempt(() => listeningLines(`/proc/${pid}/net/${name}`)));
      sockets.set(namespace, (listening = listeningSockets(tables.join("\n"), ports)));
    }
    const own = listening.size === 0 ? undefined : portsOf(pid, listening);
    if (own !== undefined && own.size > 0) found.set(pid, own);
  }
  return found;
}

const listenState = "0A";
/** Lines have 150 bytes. */
const pieceBytes = 16_384;

/** /proc/net/tcp as far as sockets listen: they come first (net/ipv4/tcp_ipv4.c). Behind them a busy server has tens of thousands that wait for their end. */
function listeningLines(file: string): string {
  const handle = openSync(file, "r");
  try {
    const piece = Buffer.alloc(pieceBytes);
    let text = "";
    for (let length = -1; length !== 0;) {
      length = readSync(handle, piece, 0, piece.length, null);
      const from = text.lastIndexOf("\n") + 1;
      text += piece.toString("latin1", 0, length);
      const lines = text.slice(from).split("\n").slice(0, -1);
      if (lines.some((line) => isOther(line))) break;
    }
    return text;
  } finally {
    closeSync(handle);
  }
}

/** The table's head has "st" where sockets have their state. */
function isOther(line: string): boolean {
  const state = line.trim().split(/\s+/)[3] ?? "";
  return state !== listenState && state !== "st";
}

/** Ports of listening sockets by inode, from the text of /proc/net/tcp. */
export function listeningSockets(table: string, ports: readonly PortRange[]): ReadonlyMap<string, number> {
  const inodes = new Map<string, number>();
  for (const line of table.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[3] !== listenState) continue;
    const port = Number.parseInt(words[1]?.split(":")[1] ?? "", 16);
    if (ports.some(({ first, last }) => port >= first && port <= last)) inodes.set(words[9] ?? "", port);
  }
  return inodes;
}

function portsOf(pid: number, inodes: ReadonlyMap<string, number>): ReadonlySet<number> {
  return new Set([...openSockets(pid)].flatMap((inode) => inodes.get(inode) ?? []));
}

/** Processes end while they are looked at, and others are not ours to look at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
