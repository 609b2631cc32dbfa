/** Whether the route of a request can be read of it when it ends, which saves a stop where the mux finds it; on x86-64. */
import { fileOffset, type Elf } from "../elf/elf.ts";
import { functionAt, functionIndex, type FunctionTable, type GoFunction } from "./function-table.ts";

/**
 * What makes requests, and copies them on their way to the network: none of it gives a handler a copy of what the server got. All else that has to do with
 * the type may, as net/http's WithContext, Clone and StripPrefix do.
 */
const makers: ReadonlySet<string> = new Set([
  "net/http.readRequest",
  "net/http.(*http2serverConn).newWriterAndRequestNoBody",
  "golang.org/x/net/http2.(*serverConn).newWriterAndRequestNoBody",
  "net/http.NewRequestWithContext",
  "net/http.(*Client).do",
  "net/http.send",
  "net/http.(*Transport).roundTrip",
  "net/http.(*Transport).dialConn",
  "net/http.rewindBody",
  "net/http.http2shouldRetryRequest",
]);
/** internal/abi: of Type the kind, of StructType the fields; of each its name, which begins with flags and its length, and its place. */
const typeBytes = 80;
const [kindAt, structKind, fieldsAt, countAt] = [23, 25, 56, 64];
const fieldBytes = 24;
const mostFields = 64;
const nameBytes = 24;
const leaBytes = 7;

/**
 * Where net/http.Request has its Pattern (Go 1.23 and newer), in which each mux that gets the request writes what it found. Zero when a handler may get
 * a copy of the request, whose Pattern nobody can find, and when that cannot be told.
 * @param reader net/http.readRequest
 */
export function patternOffset(elf: Elf, table: FunctionTable, reader: GoFunction): number {
  const start = fileOffset(elf, table.text);
  if (start === undefined || elf.isRelocated) return 0;
  const code = elf.bytes(start, table.startOf(table.count));
  const from = Number(reader.address - table.text);
  for (const address of loadedIn(code.subarray(from, from + reader.size), reader.address)) {
    const fields = structFields(elf, address);
    const pattern = fields?.get("Pattern");
    if (fields?.get("Method") !== 0 || !fields.has("RequestURI") || pattern === undefined) continue;
    return users(code, table, address).every((name) => makers.has(name)) ? pattern : 0;
  }
  return 0;
}

/** Addresses that `lea displacement(%rip), register` loads in code that stands at `address`; some may be none. */
function* loadedIn(code: Buffer, address: bigint): Iterable<bigint> {
  for (let at = code.indexOf(0x8d, 1); at !== -1; at = code.indexOf(0x8d, at + 1))
    if (isLea(code, at)) yield address + BigInt(at - 1 + leaBytes + code.readInt32LE(at + 2));
}

function isLea(code: Buffer, at: number): boolean {
  return (
    at + leaBytes - 1 <= code.length && (code[at - 1]! & 0xfb) === 0x48 && (code[at + 1]! & 0xc7) === 0x05
  );
}

/** Names of the functions whose code loads the address. */
function users(code: Buffer, table: FunctionTable, address: bigint): readonly string[] {
  const target = Number(address - table.text);
  const found = new Set<string>();
  for (let at = code.indexOf(0x8d, 1); at !== -1; at = code.indexOf(0x8d, at + 1)) {
    if (!isLea(code, at) || at - 1 + leaBytes + code.readInt32LE(at + 2) !== target) continue;
    found.add(functionAt(table, functionIndex(table, at)).name);
  }
  return [...found];
}

/** Fields of the struct type at `address` and where they stand; undefined when there is none. */
function structFields(elf: Elf, address: bigint): ReadonlyMap<string, number> | undefined {
  const type = bytesAt(elf, address, typeBytes);
  if (type.length < typeBytes || (type[kindAt]! & 31) !== structKind) return undefined;
  const count = type.readBigUInt64LE(countAt);
  if (count > mostFields) return undefined;
  const fields = bytesAt(elf, type.readBigUInt64LE(fieldsAt), Number(count) * fieldBytes);
  const found = new Map<string, number>();
  for (let at = 0; at + fieldBytes <= fields.length; at += fieldBytes) {
    const name = bytesAt(elf, fields.readBigUInt64LE(at), nameBytes);
    found.set(name.toString("latin1", 2, 2 + (name[1] ?? 0)), Number(fields.readBigUInt64LE(at + 16)));
  }
  return found;
}

/** Fewer, or none, where the file has none for the address. */
function bytesAt(elf: Elf, address: bigint, count: number): Buffer {
  const offset = fileOffset(elf, address);
  return offset === undefined ? Buffer.alloc(0) : elf.bytes(offset, count);
}
