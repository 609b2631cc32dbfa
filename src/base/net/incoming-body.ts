import type { Clock } from "../clock.ts";
import { OtelierError } from "../error.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { BodyLimits } from "./http-message.ts";
import { bodyTooLarge, noRoom } from "./read-body.ts";
import type { Http2Stream } from "./http2/stream.ts";

interface Reader {
  readonly limits: Required<BodyLimits>;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: OtelierError) => void;
  readonly cancelTimeout: () => void;
}

/**
 * The body of a request on a stream. Until somebody reads, the client may send what its window allows and no more; a reader takes it within
 * its limits and the server's budget; after a refusal, or when nobody will read, the rest is dropped as it comes.
 */
export class IncomingBody {
  readonly #stream: Http2Stream;
  readonly #budget: ByteBudget;
  readonly #clock: Clock;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #gone = false;
  #dropping = false;
  #reader: Reader | undefined;
  /** Of the budget, by a body that was read; whoever answers the request gives it back. */
  heldBytes = 0;

  constructor(stream: Http2Stream, budget: ByteBudget, clock: Clock) {
    this.#stream = stream;
    this.#budget = budget;
    this.#clock = clock;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The stream's events. */
  onData(chunk: Buffer): void {
    if (this.#dropping || this.#gone) {
      this.#stream.consume(chunk.length);
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#reader !== undefined) this.#take(chunk.length);
  }

  onEnd(): void {
    this.#ended = true;
    this.#finish();
  }

  onClose(): void {
    this.#gone = true;
    if (!this.#ended) this.#refuse(failed("body-aborted", "the client left"));
    // What nobody read any more makes room for other streams.
    if (this.#reader === undefined && this.heldBytes === 0) this.#drop();
  }

  /** The whole body, once; rejects as `HttpRequest.readBody` says. */
  read(limits: Required<BodyLimits>): Promise<Buffer> {
    const { declaredBytes } = this.#stream;
    if (declaredBytes !== undefined && declaredBytes > limits.maxBytes) {
      return Promise.reject(bodyTooLarge(limits.maxBytes));
    }
    return new Promise((resolve, reject) => {
      // Of a small request all is there already.
      const cancelTimeout = this.#ended ? nothingToCancel : this.#timeout(limits.timeoutMs);
      this.#reader = { limits, resolve, reject, cancelTimeout };
      if (this.#gone && !this.#ended) this.#refuse(failed("body-aborted", "the client left"));
      else {
        this.#take(this.#bytes);
        this.#finish();
      }
    });
  }

  #timeout(timeoutMs: number): () => void {
    return this.#clock.schedule(timeoutMs, () =>
      this.#refuse(failed("body-timeout", `not complete after ${timeoutMs} ms`)),
    );
  }

  /** The request is answered before its body is complete: the rest is not wanted. */
  abandon(): void {
    if (this.#reader === undefined) this.#drop();
    else this.#refuse(failed("body-aborted", "the request is answered"));
  }

  #drop(): void {
    this.#dropping = true;
    if (this.heldBytes === 0) this.#stream.consume(this.#bytes);
    this.#chunks = [];
    this.#bytes = 0;
  }

  #take(bytes: number): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    if (this.#bytes > reader.limits.maxBytes) this.#refuse(bodyTooLarge(reader.limits.maxBytes));
    else if (!this.#budget.take(bytes)) this.#refuse(noRoom(this.#budget, this.heldBytes + bytes));
    else {
      this.heldBytes += bytes;
      this.#stream.consume(bytes);
    }
  }

  #finish(): void {
    const reader = this.#reader;
    if (reader === undefined || !this.#ended) return;
    this.#reader = undefined;
    reader.cancelTimeout();
    const [first] = this.#chunks;
    reader.resolve(
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#bytes),
    );
    this.#chunks = [];
  }

  #refuse(error: OtelierError): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    reader.cancelTimeout();
    const unread = this.#bytes - this.heldBytes;
    this.#budget.give(this.heldBytes);
    this.heldBytes = 0;
    this.#bytes = unread;
    this.#drop();
    reader.reject(error);
  }
}

function nothingToCancel(): void {}

function failed(code: string, why: string): OtelierError {
  return new OtelierError(`cannot read the request body: ${why}`, { code, outcome: "retryable" });
}
