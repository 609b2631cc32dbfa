/** One record of bpf/chunk.h: what a system call moved over a connection. */
export interface Chunk {
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly timeNs: bigint;
  /** When bytes came that were read, at the latest; of what goes out first over a connection that was opened for it, when that began; else `timeNs`. */
  readonly beganNs: bigint;
  /** Of what comes in `timeNs`; of what goes out, when the last packet left of what could be sent at once, else when the call returned; of "left", when the last packet left. */
  readonly endedNs: bigint;
  readonly size: number;
  readonly process: number;
  readonly thread: number;
  readonly descriptor: number;
  readonly direction: "in" | "out" | "close" | "open" | "context" | "left";
  /** True when bytes of the connection before these were lost. */
  readonly gap: boolean;
  /** True when TCP had not sent all yet: "left" follows when it has. */
  readonly unsent: boolean;
  /** The first bytes when a message begins here or the connection is followed, at most 1,024; all but content behind them where the kernel takes it whole; else empty. */
  readonly data: Buffer;
  /** The last bytes, at most 8; zeros where they were not seen. */
  readonly tail: Buffer;
  /** Of "open". */
  readonly socket?: Socket;
  /** Of "context": of the request that begins with the chunk of the same thread and time. */
  readonly context?: Context;
}

/** True for what goes through TLS, as the program has it: such connections have descriptors of their own (bpf/tls.h). */
export function isTls({ descriptor }: Chunk): boolean {
  return descriptor >= 0x8000_0000;
}

/** The ids of a request's span, as the kernel has decided them (bpf/context.h). */
export interface Context {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  /** Undefined for a root. */
  readonly parentId: Buffer | undefined;
  readonly sampled: boolean;
}

/** Both ends of a connection as its process sees them. */
export interface Socket {
  /** Tells connections of one descriptor apart. */
  readonly file: bigint;
  readonly network: bigint;
  readonly family: "unix" | "ip";
  readonly protocol: "tcp" | "udp" | "other";
  /** "" for Unix sockets, whose ports are 0. */
  readonly local: string;
  readonly remote: string;
  readonly localPort: number;
  readonly remotePort: number;
}

const chunkHeadBytes = 56;
const socketBytes = 56;
const contextBytes = 40;
const [directionMask, gapMark, unsentMark] = [0xff, 0x100, 0x200];
const directions = [undefined, "in", "out", "close", "open", "context", "left"] as const;

/** The chunk in `record`, copied out; undefined when it is none. */
export function readChunk(record: Buffer): Chunk | undefined {
  const direction =
    record.length < chunkHeadBytes ? undefined : directions[record.readUInt16LE(28) & directionMask];
  if (direction === undefined) return undefined;
  const captured = record.readUInt16LE(30);
  // One copy: they come by the ten thousand a second. More is reserved than bytes were captured.
  const more = direction === "open" ? socketBytes : direction === "context" ? contextBytes : captured;
  const end = chunkHeadBytes + more;
  const bytes = Buffer.from(record.subarray(0, end));
  const timeNs = bytes.readBigUInt64LE(0);
  const beganNs = bytes.readBigUInt64LE(40);
  const endedNs = bytes.readBigUInt64LE(48);
  const socket =
    direction === "open" && bytes.length >= chunkHeadBytes + socketBytes
      ? readSocket(bytes.subarray(chunkHeadBytes))
      : undefined;
  const context =
    direction === "context" && bytes.length >= chunkHeadBytes + contextBytes
      ? readContext(bytes.subarray(chunkHeadBytes))
      : undefined;
  return {
    timeNs,
    endedNs: direction !== "left" && endedNs < timeNs ? timeNs : endedNs,
    beganNs: beganNs === 0n || beganNs > timeNs ? timeNs : beganNs,
    size: Number(bytes.readBigUInt64LE(8)),
    process: bytes.readUInt32LE(16),
    thread: bytes.readUInt32LE(20),
    descriptor: bytes.readUInt32LE(24),
    direction,
    gap: (bytes.readUInt16LE(28) & gapMark) !== 0,
    unsent: (bytes.readUInt16LE(28) & unsentMark) !== 0,
    tail: bytes.subarray(32, 40),
    data: captured === 0 ? nothing : bytes.subarray(chunkHeadBytes, chunkHeadBytes + captured),
    ...(socket === undefined ? {} : { socket }),
    ...(context === undefined ? {} : { context }),
  };
}

const nothing = Buffer.alloc(0);

function readContext(bytes: Buffer): Context {
  const parentId = bytes.subarray(24, 32);
  return {
    traceId: bytes.subarray(0, 16),
    spanId: bytes.subarray(16, 24),
    parentId: parentId.every((byte) => byte === 0) ? undefined : parentId,
    sampled: bytes.readUInt32LE(32) !== 0,
  };
}

function readSocket(bytes: Buffer): Socket {
  const family = bytes.readUInt16LE(16);
  const protocol = bytes.readUInt16LE(18);
  const address = (at: number): string =>
    family === 2
      ? bytes.subarray(at, at + 4).join(".")
      : family === 10
        ? address6(bytes.subarray(at, at + 16))
        : "";
  return {
    file: bytes.readBigUInt64LE(0),
    network: bytes.readBigUInt64LE(8),
    family: family === 1 ? "unix" : "ip",
    protocol: protocol === 6 ? "tcp" : protocol === 17 ? "udp" : "other",
    local: address(24),
    remote: address(40),
    localPort: family === 1 ? 0 : bytes.readUInt16LE(20),
    remotePort: family === 1 ? 0 : bytes.readUInt16LE(22),
  };
}

/** RFC 5952, and IPv4 where it is mapped. */
function address6(bytes: Buffer): string {
  if (bytes.subarray(0, 12).equals(mapped)) return bytes.subarray(12).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(
    ":",
  );
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
const mapped = Buffer.from("00000000000000000000ffff", "hex");
