/**
 * A segment is one file that holds exactly one Native block for one table, as ClickHouse reads it; so all that must be known beside the
 * bytes is in the file's name. A group says which small segments are inserted together; all of it is in the name of an empty file:
 *
 *     0000000000000a3f.w.otel_traces.1.5000.2411320.9ae01c55.6f0c...32 hex digits.native
 *     sequence         kind table    version rows bytes crc32  token
 *
 * The token is random, drawn once, and is the identity of the insert: the engine ignores a second insert with the same token. Its first half is that of the
 * commit: the segments of one commit, which are safe together or not at all, share it.
 * Kinds: "w" is inserted as it is. "s" is small: it waits for others, or is inserted as it is. "g" is a group: all small segments of its table from
 * sequence `from` to `to`, of so many rows together, are one insert under its token, however often it is tried; its name has these two in hex. "m" is
 * what versions before groups had instead: one file with the rows of that range, whose small segments are void as soon as it exists.
 */
import type { Random } from "../../../../base/random.ts";

export interface Segment {
  readonly sequence: number;
  readonly kind: "w" | "s" | "g" | "m";
  readonly table: string;
  /** Migration that the columns were made for. */
  readonly schemaVersion: number;
  readonly rows: number;
  readonly sizeBytes: number;
  /** CRC-32 (IEEE) of the file, 0 to 2^32 - 1. */
  readonly checksum: number;
  /** 32 lower-case hex digits. */
  readonly token: string;
  /** Only for kinds "g" and "m": first and last sequence that it stands for, both inclusive. */
  readonly range?: { readonly from: number; readonly to: number };
}

/** What one insert takes: the rows of `members`, under the token of `segment`. Without a group, `segment` is its own member. */
export interface Insertion {
  readonly segment: Segment;
  readonly members: readonly Segment[];
}

/** The first half of the tokens of one commit. */
export function newCommit(random: Random): string {
  return Buffer.from(random.bytes(8)).toString("hex");
}

export function newToken(random: Random, commit: string = newCommit(random)): string {
  return commit + Buffer.from(random.bytes(8)).toString("hex");
}

export function commitOf(token: string): string {
  return token.slice(0, 16);
}

/** True when `segment` is a small one that `whole`, a group or a merged one, stands for. */
export function standsFor(whole: Segment, segment: Segment): boolean {
  return (
    segment.kind === "s" &&
    segment.table === whole.table &&
    whole.range !== undefined &&
    segment.sequence >= whole.range.from &&
    segment.sequence <= whole.range.to
  );
}

export function segmentFileName(segment: Segment): string {
  const range = segment.range === undefined ? [] : [hex(segment.range.from, 1), hex(segment.range.to, 1)];
  return [
    hex(segment.sequence, 16),
    segment.kind,
    segment.table,
    segment.schemaVersion,
    segment.rows,
    segment.sizeBytes,
    hex(segment.checksum, 8),
    segment.token,
    ...range,
    "native",
  ].join(".");
}

const pattern =
  /^([0-9a-f]{16})\.(?:([ws])|([gm]))\.([A-Za-z0-9_]+)\.(\d+)\.(\d+)\.(\d+)\.([0-9a-f]{8})\.([0-9a-f]{32})(?:\.([0-9a-f]+)\.([0-9a-f]+))?\.native$/;

/** Reads a file name; undefined when it is not that of a segment. */
export function parseSegmentFileName(name: string): Segment | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, sequence, plain, ranged, table, version, rows, size, checksum, token, from, to] = match;
  if ((plain === undefined) !== (from !== undefined)) return undefined;
  const range =
    from === undefined || to === undefined
      ? {}
      : { range: { from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) } };
  return {
    sequence: Number.parseInt(sequence ?? "", 16),
    kind: plain === "w" || plain === "s" ? plain : ranged === "g" ? "g" : "m",
    table: table ?? "",
    schemaVersion: Number(version),
    rows: Number(rows),
    sizeBytes: Number(size),
    checksum: Number.parseInt(checksum ?? "", 16),
    token: token ?? "",
    ...range,
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
