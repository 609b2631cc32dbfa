/** One record of bpf/chunk.h: what a system call moved over a connection. */
export interface Chunk {
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly timeNs: bigint;
  readonly size: number;
  readonly process: number;
  readonly thread: number;
  readonly descriptor: number;
  readonly direction: "in" | "out" | "close";
  /** The first bytes when a message begins here, at most 1,024; else empty. */
  readonly data: Buffer;
  /** The last bytes, at most 8; zeros where they were not seen. */
  readonly tail: Buffer;
}

const chunkHeadBytes = 40;
const directions = [undefined, "in", "out", "close"] as const;

/** The chunk in `bytes`, copied out; undefined when it is none. */
export function readChunk(bytes: Buffer): Chunk | undefined {
  const direction = bytes.length < chunkHeadBytes ? undefined : directions[bytes.readUInt16LE(28)];
  if (direction === undefined) return undefined;
  const captured = bytes.readUInt16LE(30);
  return {
    timeNs: bytes.readBigUInt64LE(0),
    size: Number(bytes.readBigUInt64LE(8)),
    process: bytes.readUInt32LE(16),
    thread: bytes.readUInt32LE(20),
    descriptor: bytes.readUInt32LE(24),
    direction,
    tail: Buffer.from(bytes.subarray(32, 40)),
    data: Buffer.from(bytes.subarray(chunkHeadBytes, chunkHeadBytes + captured)),
  };
}
