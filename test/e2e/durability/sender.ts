import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { Writer } from "../../../src/telemetry/wire/writer.ts";

const spansPerRequest = 25;

/**
 * An independent sender under steady load: every span has an id of its own and is sent once. What the stack answered with success is in
 * `answered`; a request without an answer is never sent again, so its spans may be there or not, but not twice.
 */
export class Sender {
  private readonly port: number;
  private readonly loops: Promise<void>[];
  private stopping = false;
  readonly answered: string[] = [];
  sentCount = 0;
  failures = 0;

  constructor(port: number, concurrency: number) {
    this.port = port;
    this.loops = Array.from({ length: concurrency }, () => this.loop());
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      const ids = Array.from({ length: spansPerRequest }, () => randomBytes(8));
      this.sentCount += ids.length;
      const status = await post(this.port, traceRequest(ids)).catch(() => 0);
      if (status === 200) this.answered.push(...ids.map((id) => id.toString("hex")));
      else {
        this.failures++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

function post(port: number, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: "/v1/traces",
        method: "POST",
        headers: { "content-type": "application/x-protobuf", "content-length": body.length },
        timeout: 30_000,
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
        answer.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** One resource, one scope, a span for each id. */
function traceRequest(ids: readonly Buffer[]): Uint8Array {
  const writer = new Writer(4096);
  const now = BigInt(Date.now()) * 1_000_000n;
  message(writer, 1, () => {
    message(writer, 1, () => attribute(writer, 1, "service.name", "sender"));
    message(writer, 2, () => {
      for (const id of ids) message(writer, 2, () => span(writer, id, now));
    });
  });
  return writer.finish();
}

function span(writer: Writer, id: Buffer, now: bigint): void {
  writer.tag(1, 2);
  writer.lengthDelimited(Buffer.concat([id, id]));
  writer.tag(2, 2);
  writer.lengthDelimited(id);
  writer.tag(5, 2);
  writer.text("unit of work");
  writer.tag(7, 1);
  writer.fixed64(now);
  writer.tag(8, 1);
  writer.fixed64(now + 1_000_000n);
  attribute(writer, 9, "work.id", id.toString("hex"));
}

function attribute(writer: Writer, field: number, key: string, value: string): void {
  message(writer, field, () => {
    writer.tag(1, 2);
    writer.text(key);
    message(writer, 2, () => {
      writer.tag(1, 2);
      writer.text(value);
    });
  });
}

function message(writer: Writer, field: number, write: () => void): void {
  writer.tag(field, 2);
  const place = writer.begin(0);
  write();
  writer.end(place);
}
