/** Random telemetry of all three signals as OTLP/JSON: every field, every kind of value, nothing that a store may refuse or that has no meaning. */
import type { Random } from "../../src/base/random.ts";
import type { Signal } from "../../src/telemetry/signal.ts";

type Json = Readonly<Record<string, unknown>>;

const dayMs = 86_400_000;
const texts = [
  "",
  "a",
  "GET /cart/:id",
  "größe",
  "🎉 \t\n\\\"'",
  "ot=th:8",
  "x".repeat(300),
  "{}[]",
  "\u0000",
  "NULL",
];
const doubles = [0, -0, 0.1, -1.5, 1e300, 5e-324, 2 ** 53, "NaN", "Infinity", "-Infinity"];
const integers = ["0", "1", "-1", "42", "9007199254740993", "9223372036854775807", "-9223372036854775808"];
const unsigned = ["0", "1", "42", "9007199254740993", "18446744073709551615"];

export class RandomTelemetry {
  private readonly random: Random;
  private readonly startMs: number;
  private made = 0;

  /** Times lie within two days from `startMs` on. */
  constructor(random: Random, startMs: number) {
    this.random = random;
    this.startMs = startMs;
  }

  request(signal: Signal): Json {
    switch (signal) {
      case "traces":
        return { resourceSpans: this.origins("scopeSpans", "spans", () => this.span()) };
      case "logs":
        return { resourceLogs: this.origins("scopeLogs", "logRecords", () => this.record()) };
      case "metrics":
        return { resourceMetrics: this.origins("scopeMetrics", "metrics", () => this.metric()) };
    }
  }

  private origins(scopes: string, items: string, item: () => Json): Json[] {
    // Tables of metrics have no counts of what was dropped of resource and scope.
    const dropped = (): Json => (items === "metrics" ? {} : { droppedAttributesCount: this.below(3) });
    return this.some(1, 3, () => ({
      resource: { attributes: this.attributes(), ...dropped() },
      schemaUrl: this.of(["", "https://opentelemetry.io/schemas/1.27.0"]),
      [scopes]: this.some(1, 3, () => ({
        scope: { name: this.text(), version: this.text(), attributes: this.attributes(), ...dropped() },
        schemaUrl: this.of(["", "https://example.org/1"]),
        [items]: this.some(1, 8, item),
      })),
    }));
  }

  private span(): Json {
    const start = this.time();
    return {
      ...this.ids(),
      parentSpanId: this.maybe(() => this.hex(8)),
      traceState: this.text(),
      flags: this.below(2 ** 32),
      name: this.text(),
      kind: this.below(6),
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + BigInt(this.below(2 ** 40))),
      attributes: this.attributes(),
      droppedAttributesCount: this.below(2 ** 32),
      events: this.some(0, 3, () => ({
        timeUnixNano: String(this.time()),
        name: this.text(),
        attributes: this.attributes(),
        droppedAttributesCount: this.below(5),
      })),
      droppedEventsCount: this.below(5),
      links: this.some(0, 3, () => ({
        ...this.ids(),
        traceState: this.text(),
        flags: this.below(2 ** 32),
        attributes: this.attributes(),
        droppedAttributesCount: this.below(5),
      })),
      droppedLinksCount: this.below(5),
      status: { code: this.below(3), message: this.text() },
    };
  }

  private record(): Json {
    return {
      ...this.ids(),
      timeUnixNano: this.of([String(this.time()), "0"]),
      observedTimeUnixNano: String(this.time()),
      severityNumber: this.below(25),
      severityText: this.text(),
      body: this.value(3),
      eventName: this.text(),
      flags: this.below(2 ** 32),
      droppedAttributesCount: this.below(5),
      attributes: this.attributes(),
    };
  }

  private metric(): Json {
    // One name, one meaning.
    const about = { name: `metric ${this.made++}`, unit: this.text(), description: this.text() };
    const points = (more: () => Json): Json[] => this.some(1, 6, () => ({ ...this.point(), ...more() }));
    const kind = { aggregationTemporality: this.below(3) };
    const number = (): Json => ({ ...this.number(), exemplars: this.exemplars() });
    switch (this.below(5)) {
      case 0:
        return { ...about, gauge: { dataPoints: points(number) } };
      case 1:
        return {
          ...about,
          sum: { ...kind, isMonotonic: this.random.next() < 0.5, dataPoints: points(number) },
        };
      case 2:
        return { ...about, histogram: { ...kind, dataPoints: points(() => this.histogram()) } };
      case 3:
        return { ...about, exponentialHistogram: { ...kind, dataPoints: points(() => this.exponential()) } };
      default:
        return { ...about, summary: { dataPoints: points(() => this.summary()) } };
    }
  }

  private point(): Json {
    return {
      attributes: this.attributes(),
      startTimeUnixNano: this.of([String(this.time()), "0"]),
      // No two of one series at one time.
      timeUnixNano: String(this.time() + BigInt(this.made++)),
      flags: this.below(2),
    };
  }

  private number(): Json {
    return this.random.next() < 0.5 ? { asDouble: this.of(doubles) } : { asInt: this.of(integers) };
  }

  private totals(): Json {
    return {
      count: this.of(unsigned),
      exemplars: this.exemplars(),
      ...(this.random.next() < 0.7 ? { sum: this.of(doubles) } : {}),
      ...(this.random.next() < 0.7 ? { min: this.of(doubles), max: this.of(doubles) } : {}),
    };
  }

  private histogram(): Json {
    const bounds = this.below(5);
    return {
      ...this.totals(),
      explicitBounds: Array.from({ length: bounds }, (_, at) => at * 1.5),
      bucketCounts: bounds === 0 ? [] : Array.from({ length: bounds + 1 }, () => this.of(unsigned)),
    };
  }

  private exponential(): Json {
    const buckets = (): Json => ({
      offset: this.below(100) - 50,
      bucketCounts: this.some(0, 5, () => this.of(unsigned)),
    });
    return {
      ...this.totals(),
      scale: this.below(30) - 10,
      zeroCount: this.of(unsigned),
      zeroThreshold: this.of([0, 1e-9]),
      positive: buckets(),
      negative: buckets(),
    };
  }

  private summary(): Json {
    return {
      count: this.of(unsigned),
      sum: this.of(doubles),
      quantileValues: this.some(0, 4, () => ({ quantile: this.random.next(), value: this.of(doubles) })),
    };
  }

  private exemplars(): Json[] {
    return this.some(0, 2, () => ({
      ...this.ids(),
      ...this.number(),
      timeUnixNano: String(this.time()),
      filteredAttributes: this.attributes(),
    }));
  }

  private attributes(): Json[] {
    // A key is there once; what twice means is not defined.
    return this.some(0, 5, () => ({ key: `${this.text()}${this.made++}`, value: this.value(2) }));
  }

  private value(depth: number): Json {
    switch (this.below(depth > 0 ? 8 : 6)) {
      case 0:
        return {};
      case 1:
        return { boolValue: this.random.next() < 0.5 };
      case 2:
        return { intValue: this.of(integers) };
      case 3:
        return { doubleValue: this.of(doubles) };
      case 4:
        return { bytesValue: Buffer.from(this.random.bytes(this.below(20))).toString("base64") };
      case 5:
        return { stringValue: this.text() };
      case 6:
        return { arrayValue: { values: this.some(0, 4, () => this.value(depth - 1)) } };
      default:
        return {
          kvlistValue: {
            values: this.some(0, 3, () => ({ key: this.text(), value: this.value(depth - 1) })),
          },
        };
    }
  }

  private ids(): Json {
    return { traceId: this.maybe(() => this.hex(16)), spanId: this.maybe(() => this.hex(8)) };
  }

  private time(): bigint {
    const offsetNano = BigInt(Math.floor(this.random.next() * 2 * dayMs)) * 1_000_000n;
    return BigInt(this.startMs) * 1_000_000n + offsetNano + BigInt(this.below(1_000_000));
  }

  private text(): string {
    return this.of(texts);
  }

  private hex(bytes: number): string {
    return Buffer.from(this.random.bytes(bytes)).toString("hex");
  }

  private maybe(make: () => string): string {
    return this.random.next() < 0.8 ? make() : "";
  }

  private of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  private some<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }

  private below(bound: number): number {
    return Math.floor(this.random.next() * bound);
  }
}
