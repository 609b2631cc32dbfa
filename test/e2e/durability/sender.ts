import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Signal } from "../../../src/telemetry/signal.ts";
import { Writer } from "../../../src/telemetry/wire/writer.ts";

const itemsPerRequest = 25;

/**
 * An independent sender under steady load: every item has an id of its own (a span its span id, a log record an attribute, a data point its value) and
 * is sent once. What the stack answered with success is in `answered`; a request without an answer is never sent again, so its items may be there or
 * not, but not twice.
 */
export class Sender {
  private readonly port: number;
  private readonly loops: Promise<void>[];
  private stopping = false;
  private nextValue: number = randomBytes(4).readUInt32LE() * 2 ** 18;
  readonly answeredBy: Readonly<Record<Signal, string[]>> = { traces: [], metrics: [], logs: [] };
  /** How often each status came; 0: no answer. */
  readonly statuses: Map<number, number> = new Map();
  sentCount = 0;

  constructor(port: number, concurrency: number, signals: readonly Signal[] = ["traces"]) {
    this.port = port;
    this.loops = Array.from({ length: concurrency }, (_, at) => this.loop(signals, at));
  }

  /** Span ids in hex. */
  get answered(): readonly string[] {
    return this.answeredBy.traces;
  }

  /** Of all signals. */
  get answeredCount(): number {
    return Object.values(this.answeredBy).reduce((sum, ids) => sum + ids.length, 0);
  }

  get failures(): number {
    let sum = 0;
    for (const [status, count] of this.statuses) if (status !== 200) sum += count;
    return sum;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async loop(signals: readonly Signal[], first: number): Promise<void> {
    for (let turn = first; !this.stopping; turn++) {
      const signal = signals[turn % signals.length] ?? "traces";
      const ids = Array.from({ length: itemsPerRequest }, () => this.newId(signal));
      this.sentCount += ids.length;
      const status = await post(this.port, signal, requestOf(signal, ids)).catch(() => 0);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (status === 200) this.answeredBy[signal].push(...ids);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private newId(signal: Signal): string {
    return signal === "metrics" ? String(this.nextValue++) : randomBytes(8).toString("hex");
  }
}

function post(port: number, signal: Signal, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: `/v1/${signal}`,
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

/** One resource, one scope, an item for each id. */
function requestOf(signal: Signal, ids: readonly string[]): Uint8Array {
  const writer = new Writer(4096);
  const now = BigInt(Date.now()) * 1_000_000n;
  message(writer, 1, () => {
    message(writer, 1, () => attribute(writer, 1, "service.name", "sender"));
    message(writer, 2, () => {
      if (signal === "metrics") message(writer, 2, () => gauge(writer, ids, now));
      else for (const id of ids) message(writer, 2, () => itemWriters[signal](writer, id, now));
    });
  });
  return writer.finish();
}

const itemWriters = { traces: span, logs: logRecord } as const;

function span(writer: Writer, id: string, now: bigint): void {
  const bytes = Buffer.from(id, "hex");
  writer.tag(1, 2);
  writer.lengthDelimited(Buffer.concat([bytes, bytes]));
  writer.tag(2, 2);
  writer.lengthDelimited(bytes);
  writer.tag(5, 2);
  writer.text("unit of work");
  writer.tag(7, 1);
  writer.fixed64(now);
  writer.tag(8, 1);
  writer.fixed64(now + 1_000_000n);
  attribute(writer, 9, "work.id", id);
}

function logRecord(writer: Writer, id: string, now: bigint): void {
  writer.tag(1, 1);
  writer.fixed64(now);
  attribute(writer, 6, "work.id", id);
}

function gauge(writer: Writer, values: readonly string[], now: bigint): void {
  writer.tag(1, 2);
  writer.text("work.units");
  message(writer, 5, () => {
    for (const value of values) {
      message(writer, 1, () => {
        writer.tag(3, 1);
        writer.fixed64(now);
        writer.tag(6, 1);
        writer.fixed64(BigInt(value));
      });
    }
  });
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
