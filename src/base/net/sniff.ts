import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";

/** What a connection's first bytes speak; "silent": it was closed, or nothing came in time. */
export type FirstProtocol = "http1" | "http2" | "tls" | "unknown" | "silent";

/** The client preface of HTTP/2 begins so (RFC 9113, section 3.4); HTTP/1 has no method PRI. */
const preface = "PRI";

/**
 * Tells what the first bytes speak, undefined while too few are known.
 * TLS records begin with content type 22 and version 3.x; HTTP/1 with an upper-case method.
 */
function classify(bytes: Uint8Array): "http1" | "http2" | "tls" | "unknown" | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  if (first === 0x16) return bytes.length < 2 ? undefined : bytes[1] === 3 ? "tls" : "unknown";
  for (let at = 0; at < preface.length; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (byte !== preface.charCodeAt(at)) return first >= 0x41 && first <= 0x5a ? "http1" : "unknown";
  }
  return "http2";
}

export interface SniffOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Reads as few bytes as it takes, puts them back, and calls `onKnown` once with the socket paused and without listeners of ours. */
export function sniff(
  socket: Socket,
  options: SniffOptions,
  onKnown: (protocol: FirstProtocol) => void,
): void {
  const done = (protocol: FirstProtocol): void => {
    cancel();
    socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd);
    onKnown(protocol);
  };
  const onEnd = (): void => done("silent");
  let seen: Buffer = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk: unknown = socket.read();
    if (!(chunk instanceof Buffer)) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const protocol = classify(seen);
    if (protocol === undefined) return;
    socket.unshift(seen);
    done(protocol);
  };
  const cancel = options.clock.schedule(options.timeoutMs, onEnd);
  socket.on("readable", onReadable).on("end", onEnd).on("close", onEnd);
}
