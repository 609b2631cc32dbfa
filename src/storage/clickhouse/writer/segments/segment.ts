/**
 * A segment is one file that holds exactly one Native block for one table, as ClickHouse reads it; so all that must be known beside the
 * bytes is in the file's name:
 *
 *     0000000000000a3f.w.otel_traces.1.5000.2411320.9ae01c55.6f0c...32 hex digits.native
 *     sequence         kind table    version rows bytes crc32  token
 *
 * The token is random, drawn once, and is the identity of the insert: the engine ignores a second insert with the same token.
 * Kinds: "w" is inserted as it is. "s" is small: it waits to be merged with others, or is inserted as it is. "m" is merged from the small
 * segments of its table from sequence `from` to `to`, which are void as soon as it exists; its name has these two in hex behind the token.
 */
export interface Segment {
  readonly sequence: number;
  readonly kind: "w" | "s" | "m";
  readonly table: string;
  /** Migration that the columns were made for. */
  readonly schemaVersion: number;
  readonly rows: number;
  readonly sizeBytes: number;
  /** CRC-32 (IEEE) of the file, 0 to 2^32 - 1. */
  readonly checksum: number;
  /** 32 lower-case hex digits. */
  readonly token: string;
  /** Only for kind "m": first and last sequence that it replaces, both inclusive. */
  readonly replaces?: { readonly from: number; readonly to: number };
}

export function segmentFileName(segment: Segment): string {
  const replaces =
    segment.replaces === undefined ? [] : [hex(segment.replaces.from, 1), hex(segment.replaces.to, 1)];
  return [
    hex(segment.sequence, 16),
    segment.kind,
    segment.table,
    segment.schemaVersion,
    segment.rows,
    segment.sizeBytes,
    hex(segment.checksum, 8),
    segment.token,
    ...replaces,
    "native",
  ].join(".");
}

const pattern =
  /^([0-9a-f]{16})\.(?:([ws])|m)\.([A-Za-z0-9_]+)\.(\d+)\.(\d+)\.(\d+)\.([0-9a-f]{8})\.([0-9a-f]{32})(?:\.([0-9a-f]+)\.([0-9a-f]+))?\.native$/;

/** Reads a file name; undefined when it is not that of a segment. */
export function parseSegmentFileName(name: string): Segment | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, sequence, plain, table, version, rows, size, checksum, token, from, to] = match;
  if ((plain === undefined) !== (from !== undefined)) return undefined;
  const replaces =
    from === undefined || to === undefined
      ? {}
      : { replaces: { from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) } };
  return {
    sequence: Number.parseInt(sequence ?? "", 16),
    kind: plain === "w" || plain === "s" ? plain : "m",
    table: table ?? "",
    schemaVersion: Number(version),
    rows: Number(rows),
    sizeBytes: Number(size),
    checksum: Number.parseInt(checksum ?? "", 16),
    token: token ?? "",
    ...replaces,
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
