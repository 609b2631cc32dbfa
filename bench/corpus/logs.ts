import { seededRandom } from "../../src/base/random.ts";
import { Writer } from "../../src/telemetry/wire/writer.ts";
import { attribute, bytes, fixed64, integer, latencyMs, message, skewed, text, varint } from "./proto.ts";
import { makeInstances, writeResource } from "./resource.ts";
import { logTemplates, statements } from "./vocabulary.ts";

export interface LogsOptions {
  readonly seed: number;
  /** Records in all. */
  readonly records: number;
  readonly recordsPerRequest: number;
  readonly startUnixNano: bigint;
}

/**
 * Export requests with `records` log records, each request of one service instance: bodies from a few templates, half with
 * trace and span ids, times rising about a millisecond a record. Equal options give equal bytes.
 */
export function generateLogs(options: LogsOptions): Uint8Array[] {
  const random = seededRandom(options.seed);
  const instances = makeInstances(random).flat();
  const requests: Uint8Array[] = [];
  let now = options.startUnixNano;
  const writeRecord = (writer: Writer): void => {
    now += BigInt(integer(random, 2_000_000));
    const [severity, severityText, template] = skewed(random, logTemplates);
    const id = String(1000 + integer(random, 9000));
    const ms = latencyMs(random).toFixed(1);
    const words: Readonly<Record<string, string>> = {
      id,
      ms,
      user: `user-${integer(random, 5000)}`,
      method: "GET",
      path: `/product/${id}`,
      statement: skewed(random, statements),
    };
    fixed64(writer, 1, now);
    varint(writer, 2, severity);
    text(writer, 3, severityText);
    const body = template.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? word);
    message(writer, 5, () => text(writer, 1, body));
    attribute(writer, 6, "code.function.name", "shop.handle");
    attribute(writer, 6, "log.iostream", "stdout");
    attribute(writer, 6, "shop.product.id", id);
    attribute(writer, 6, "shop.duration_ms", Number(ms));
    attribute(writer, 6, "thread.id", BigInt(1 + integer(random, 16)));
    if (random.next() < 0.5) {
      writer.tag(8, 5);
      writer.fixed32(1);
      bytes(writer, 9, random.bytes(16));
      bytes(writer, 10, random.bytes(8));
    }
    fixed64(writer, 11, now + 1000n);
  };
  for (let left = options.records; left > 0; left -= options.recordsPerRequest) {
    const writer = new Writer(options.recordsPerRequest * 400 + 1024);
    const instance = skewed(random, instances);
    const count = Math.min(left, options.recordsPerRequest);
    const writeScope = (): void => {
      message(writer, 1, () => text(writer, 1, "shop.log"));
      for (let index = 0; index < count; index++) message(writer, 2, () => writeRecord(writer), 300);
    };
    const write = (): void => {
      writeResource(writer, instance);
      message(writer, 2, writeScope, 100_000);
    };
    message(writer, 1, write, 100_000);
    requests.push(writer.finish());
  }
  return requests;
}
