import { clientPreface, Flag, frameHeadBytes, FrameType } from "../../../../../base/net/http2/protocol.ts";
import type { Chunk } from "../../../chunks/chunk.ts";
import type { Protocol } from "../follower.ts";
import { Http2Follower } from "./follow.ts";

/** HTTP/2 (RFC 9113) by prior knowledge or over TLS, and gRPC over it. Headers can only be read from a connection's first byte on. */
export const http2: Protocol = {
  isWhole: true,
  // The kernel takes a connection whole that begins with these four bytes.
  isRequest: ({ data: bytes }) =>
    bytes.length >= 4 &&
    clientPreface.subarray(0, bytes.length).equals(bytes.subarray(0, clientPreface.length)),
  isEarly: ({ data: bytes }) => bytes.length >= frameHeadBytes && bytes[3] === settings && bytes[4] === 0,
  isMidway: (chunk) => beginsWithFrames(chunk),
  follow: (connection) => new Http2Follower(connection),
};

const { data, headers, priority, rstStream, settings, ping, goaway, windowUpdate, continuation } = FrameType;
/** Frames of one length only (sections 6.3 to 6.9). */
const lengths: ReadonlyMap<number, number> = new Map([
  [priority, 5],
  [rstStream, 4],
  [ping, 8],
  [windowUpdate, 4],
]);
const flags: ReadonlyMap<number, number> = new Map([
  [data, Flag.endStream | Flag.padded],
  [headers, Flag.endStream | Flag.endHeaders | Flag.padded | Flag.priority],
  [settings, Flag.ack],
  [ping, Flag.ack],
  [continuation, Flag.endHeaders],
]);
const ofConnections: ReadonlySet<number> = new Set([settings, ping, goaway]);

/** True for nothing but frames, the last of which may go on beyond what was captured; content alone could be anything. */
function beginsWithFrames({ data: bytes, size }: Chunk): boolean {
  let at = 0;
  let certain = false;
  while (at < bytes.length) {
    if (at + frameHeadBytes > bytes.length) return false;
    const length = bytes.readUIntBE(at, 3);
    const type = bytes[at + 3]!;
    const stream = bytes.readUInt32BE(at + 5);
    const isKnown = type <= continuation && (bytes[at + 4]! & ~(flags.get(type) ?? 0)) === 0;
    if (!isKnown || stream >= 2 ** 31 || length !== (lengths.get(type) ?? length)) return false;
    if (type !== windowUpdate && ofConnections.has(type) !== (stream === 0)) return false;
    if (type === settings && length % 6 !== 0) return false;
    certain ||= type !== data && (length > 0 || type === settings);
    at += frameHeadBytes + length;
  }
  return certain && (at === size || size > bytes.length);
}
