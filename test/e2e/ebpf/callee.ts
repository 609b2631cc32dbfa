import { createHash } from "node:crypto";
import http from "node:http";
import { expect } from "vitest";

export interface Called {
  readonly url: string;
  /** All values of the header. */
  readonly traceparents: readonly string[];
  readonly method: string;
  readonly bytes: number;
  readonly hash: string;
}

/** Of an answer to a request with `large` in its query. */
export const largeBytes: number = 8 << 20;

/** A service that nobody observes, which tells what came. */
export class Callee {
  readonly calls: Called[] = [];
  readonly server: http.Server = http.createServer((request, response) => {
    // More than the kernel takes at once waits with the sender.
    if (request.method === "POST") {
      request.pause();
      setTimeout(() => request.resume(), 100);
    }
    const hash = createHash("sha256");
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    request.on("end", () => {
      const { url = "", method = "", headersDistinct } = request;
      const traceparents = headersDistinct["traceparent"] ?? [];
      this.calls.push({ url, method, traceparents, bytes, hash: hash.digest("hex") });
      response.end(url.includes("large") ? Buffer.alloc(largeBytes) : "ok");
    });
  });

  byId(id: string): readonly Called[] {
    return this.calls.filter(({ url }) => url === `/called?id=${id}`);
  }
}

const header = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/;

/** Trace, span and flags of the only traceparent of a call. */
export function contextOf({ traceparents }: Called): readonly [trace: string, span: string, flags: string] {
  expect(traceparents).toHaveLength(1);
  const [, trace = "", span = "", flags = ""] = header.exec(traceparents[0]!) ?? [];
  expect(span).not.toBe("");
  return [trace, span, flags];
}
