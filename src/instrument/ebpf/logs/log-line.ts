/** What a program wrote to its standard output or error in a request, as bpf/go-log.h gives it. */
export interface LogLine {
  readonly process: number;
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly timeNs: bigint;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly sampled: boolean;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** True when the program's text was longer. */
  readonly cut: boolean;
}

const [kindOfLines, headBytes] = [7, 56];

/** The line in `bytes`, copied out; undefined when it is none, or empty. */
export function readLogLine(bytes: Buffer): LogLine | undefined {
  if (bytes.length < headBytes || bytes.readUInt32LE(0) !== kindOfLines) return undefined;
  const length = Number(bytes.readBigUInt64LE(48));
  const text = bytes.toString("utf8", headBytes, Math.min(headBytes + length, bytes.length)).trimEnd();
  if (text.trim() === "") return undefined;
  return {
    process: bytes.readUInt32LE(4),
    timeNs: bytes.readBigUInt64LE(8),
    traceId: Uint8Array.from(bytes.subarray(16, 32)),
    spanId: Uint8Array.from(bytes.subarray(32, 40)),
    sampled: bytes[40] !== 0,
    stream: bytes.readUInt32LE(44) === 1 ? "stdout" : "stderr",
    text,
    cut: headBytes + length > bytes.length,
  };
}
