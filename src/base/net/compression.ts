/** Compression of bodies and messages, by the names of `content-encoding` and `grpc-encoding`; "zlib" is the Collector's name for "deflate". */
import { promisify } from "node:util";
import {
  deflate,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  type InputType,
  type ZlibOptions,
} from "node:zlib";
import { compressionError, decompressedTooLarge } from "./compression-error.ts";
import { unsnappy } from "./snappy.ts";
import { unzstd } from "./zstd.ts";

export interface DecompressLimits {
  /** Bytes after decompression, inclusive. */
  readonly maxBytes: number;
}

/** Bytes may grow by this factor at most; telemetry of the most repetitive kind reaches about 100, gzip at most 1032. */
const maxRatio = 1000;
/** Small bodies may grow as they like up to this. */
const ratioFloorBytes = 1024 * 1024;
/** Below this size the thread pool costs more than it frees. */
const syncBelowBytes = 64 * 1024;

type Sync = (input: InputType, options: ZlibOptions) => Buffer;
type Async = (input: InputType, options: ZlibOptions) => Promise<Buffer>;
interface Codec {
  readonly sync: Sync;
  readonly async: Async;
}

const gunzipCodec: Codec = { sync: gunzipSync, async: promisify<InputType, ZlibOptions, Buffer>(gunzip) };
const inflateCodec: Codec = { sync: inflateSync, async: promisify<InputType, ZlibOptions, Buffer>(inflate) };
const inflateRawCodec: Codec = {
  sync: inflateRawSync,
  async: promisify<InputType, ZlibOptions, Buffer>(inflateRaw),
};
const gzipCodec: Codec = { sync: gzipSync, async: promisify<InputType, ZlibOptions, Buffer>(gzip) };
const deflateCodec: Codec = { sync: deflateSync, async: promisify<InputType, ZlibOptions, Buffer>(deflate) };

/**
 * Decompresses one body. Memory grows with the output, which is cut at the limits. Rejects with an OtelierError: "unsupported-encoding",
 * "malformed-compression", or "body-too-large" (also for a ratio that only an attack has). "" and "identity" return the bytes themselves.
 */
export async function decompress(bytes: Buffer, encoding: string, limits: DecompressLimits): Promise<Buffer> {
  const maxBytes = Math.min(limits.maxBytes, Math.max(ratioFloorBytes, bytes.length * maxRatio));
  switch (encoding) {
    case "":
    case "identity":
    case "none":
      if (bytes.length > limits.maxBytes) throw decompressedTooLarge(limits.maxBytes);
      return bytes;
    case "gzip":
    case "x-gzip":
      return inflateWith(gunzipCodec, bytes, maxBytes);
    case "deflate":
    case "zlib":
      return inflateWith(isZlib(bytes) ? inflateCodec : inflateRawCodec, bytes, maxBytes);
    case "zstd":
      return unzstd(bytes, maxBytes);
    case "snappy":
    case "x-snappy-framed":
      return unsnappy(bytes, maxBytes);
    default:
      throw compressionError("unsupported-encoding", `unsupported compression type "${encoding}"`);
  }
}

/** "deflate" is zlib by RFC 9110, but some clients send it bare; a zlib header is a multiple of 31 with method 8 (RFC 1950). */
function isZlib(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return true;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

async function inflateWith(codec: Codec, bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const options: ZlibOptions = {
    maxOutputLength: maxBytes,
    chunkSize: Math.min(Math.max(16 * 1024, bytes.length * 8), 1024 * 1024, maxBytes + 64),
  };
  try {
    return bytes.length < syncBelowBytes ? codec.sync(bytes, options) : await codec.async(bytes, options);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw decompressedTooLarge(maxBytes);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw compressionError("malformed-compression", `invalid compressed data: ${why}`, error);
  }
}

/** Compresses with gzip, or zlib for "deflate" and "zlib". `level`: 1 to 9, -1 for zlib's default. */
export async function compress(
  bytes: Uint8Array,
  encoding: "gzip" | "deflate" | "zlib",
  level = -1,
): Promise<Buffer> {
  const codec = encoding === "gzip" ? gzipCodec : deflateCodec;
  const options: ZlibOptions = {
    level,
    chunkSize: Math.min(Math.max(16 * 1024, bytes.length >> 1), 1024 * 1024),
  };
  return bytes.length < syncBelowBytes ? codec.sync(bytes, options) : codec.async(bytes, options);
}
