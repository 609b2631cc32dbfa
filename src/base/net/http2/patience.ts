import { ErrorCode, Http2Error } from "./protocol.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Bounds of what costs us work and the other side nothing. Each call is one such frame; past its bound it throws, and the connection ends. */
export class Patience {
  readonly #isServer: boolean;
  readonly #resets = new TokenBucket(1000, 33);
  readonly #talk = new TokenBucket(10_000, 2000);
  readonly #refused = new TokenBucket(100, 10);

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  onEmptyFrame(): void {
    if (!this.#talk.take()) throw enough("empty frames");
  }

  /** A client that opens streams and resets them makes work that it does not wait for (CVE-2023-44487). */
  onReset(): void {
    if (this.#isServer && !this.#resets.take()) throw enough("resets");
  }

  onSettings(): void {
    if (!this.#resets.take()) throw enough("SETTINGS");
  }

  /**
   * PING and PRIORITY, which we answer or read for nothing. `isFull`: our output waits. A server's is full of answers that nobody reads; a client's
   * is full of its own data, and servers ping just then to measure.
   */
  onTalk(isFull: boolean): void {
    if (!this.#talk.take() || (this.#isServer && isFull)) throw enough("frames that carry nothing");
  }

  onRefusedStream(): void {
    if (!this.#refused.take()) throw enough("streams");
  }
}

function enough(what: string): Http2Error {
  return new Http2Error(ErrorCode.enhanceYourCalm, `too many ${what}`);
}
