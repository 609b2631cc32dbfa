import type { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import { OtelierError } from "../error.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { BodyLimits } from "./http-message.ts";

export interface BodySource {
  readonly stream: Readable;
  /** Content-Length as the client declared it; only ever used to refuse early. */
  readonly declaredBytes: number | undefined;
  readonly limits: Required<BodyLimits>;
  readonly budget: ByteBudget;
  readonly clock: Clock;
}

/** Bytes and the part of the budget that they hold; whoever answers the request gives it back. */
export interface HeldBody {
  readonly bytes: Buffer;
  readonly heldBytes: number;
}

/**
 * Collects a body within its limits. Memory grows with what arrived, never with what was declared. Rejects as `HttpRequest.readBody` says; what
 * was taken from the budget is then given back. After a rejection the rest of the body is read and dropped by the protocol's server.
 */
export function readBody(source: BodySource): Promise<HeldBody> {
  const { stream, limits, budget } = source;
  if (source.declaredBytes !== undefined && source.declaredBytes > limits.maxBytes) {
    return Promise.reject(bodyTooLarge(limits.maxBytes));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let held = 0;
    const cancelTimeout = source.clock.schedule(limits.timeoutMs, () =>
      fail("body-timeout", `cannot read the request body: not complete after ${limits.timeoutMs} ms`),
    );
    const stop = (): void => {
      cancelTimeout();
      stream.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    };
    const refuse = (error: OtelierError): void => {
      stop();
      budget.give(held);
      stream.on("error", ignore);
      stream.resume();
      reject(error);
    };
    const fail = (code: string, message: string, cause?: unknown): void =>
      refuse(new OtelierError(message, { code, outcome: "retryable", cause }));
    const onData = (chunk: Buffer): void => {
      if (held + chunk.length > limits.maxBytes) {
        refuse(bodyTooLarge(limits.maxBytes));
      } else if (!budget.take(chunk.length)) {
        refuse(noRoom(budget, held + chunk.length));
      } else {
        held += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      stop();
      const [first] = chunks;
      resolve({
        bytes: chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, held),
        heldBytes: held,
      });
    };
    const onGone = (cause?: unknown): void =>
      fail("body-aborted", "cannot read the request body: the client left", cause);
    stream.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    // A request without a body may have ended before anyone listened.
    if (stream.readableEnded) onEnd();
    else if (stream.destroyed) onGone();
  });
}

function ignore(): void {}

/** More than the reader takes. */
export function bodyTooLarge(maxBytes: number): OtelierError {
  return new OtelierError(`request body too large: more than ${maxBytes} bytes`, {
    code: "body-too-large",
    outcome: "permanent",
  });
}

/** `neededBytes` of one request did not fit in the server's budget: the client may try again, unless they never will. */
export function noRoom(budget: ByteBudget, neededBytes: number): OtelierError {
  if (neededBytes > budget.limit) return bodyTooLarge(budget.limit);
  return new OtelierError("too many requests are being received at once, retry later", {
    code: "overloaded",
    outcome: "retryable",
    retryAfterMs: 1000,
  });
}
