import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const [established, closedByPeer, listening] = ["01", "08", "0A"];
const listeningFlag = 0x10000;

/**
 * The connections that a process has accepted and that are open, by their sockets' inodes: who is at the other end as Go spells it ("10.0.0.7:41522",
 * "[::1]:41522"), or undefined of Unix sockets, whose other ends have no names. Of ports on which it listens still. Empty when it cannot be read.
 */
export function acceptedConnections(pid: number): ReadonlyMap<string, string | undefined> {
  const own = openSockets(pid);
  const found = new Map<string, string | undefined>();
  if (own.size === 0) return found;
  const rows = ["tcp", "tcp6"].flatMap((name) => tcpRows(textOf(`/proc/${pid}/net/${name}`), own));
  const ports = new Set(rows.filter(({ state }) => state === listening).map(({ port }) => port));
  for (const { inode, state, port, peer } of rows)
    if ((state === established || state === closedByPeer) && ports.has(port)) found.set(inode, peer);
  for (const inode of unixConnections(textOf(`/proc/${pid}/net/unix`), own)) found.set(inode, undefined);
  return found;
}

/** Inodes of all sockets that a process has open. */
export function openSockets(pid: number): ReadonlySet<string> {
  const found = new Set<string>();
  try {
    for (const name of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) found.add(inode);
    }
  } catch {
    // It has ended, or is not ours to look at.
  }
  return found;
}

interface TcpRow {
  readonly inode: string;
  readonly state: string;
  readonly port: string;
  readonly peer: string;
}

/** Those of /proc/net/tcp or tcp6 whose inodes are among `own`. */
export function tcpRows(table: string, own: ReadonlySet<string>): readonly TcpRow[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", remote = "", state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
    const port = local.split(":")[1];
    return own.has(inode) && port !== undefined ? [{ inode, state, port, peer: endOf(remote) }] : [];
  });
}

/** As Go spells "0100007F:A232": the kernel writes words of four bytes, the last byte first. */
function endOf(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const bytes = Buffer.from(address, "hex");
  if (bytes.length % 4 === 0) bytes.swap32();
  const number = Number.parseInt(port, 16);
  const isMapped = bytes.length === 16 && bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  if (bytes.length === 4 || isMapped) return `${bytes.subarray(-4).join(".")}:${number}`;
  const groups = bytes.toString("hex").match(/.{4}/g) ?? [];
  // URLs shorten addresses as Go does.
  return `${new URL(`http://[${groups.join(":")}]`).hostname}:${number}`;
}

/** Inodes of /proc/net/unix among `own` that are connections, if one among them listens. */
export function unixConnections(table: string, own: ReadonlySet<string>): readonly string[] {
  const rows = table.split("\n").flatMap((line) => {
    const [, , , flags = "", type = "", state = "", inode = ""] = line.trim().split(/\s+/);
    return own.has(inode) && type === "0001"
      ? [{ listens: Number.parseInt(flags, 16) === listeningFlag, state, inode }]
      : [];
  });
  if (!rows.some(({ listens }) => listens)) return [];
  return rows.filter(({ listens, state }) => !listens && state === "03").map(({ inode }) => inode);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
