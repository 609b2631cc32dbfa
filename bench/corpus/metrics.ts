import { seededRandom, type Random } from "../../src/base/random.ts";
import { Writer } from "../../src/telemetry/wire/writer.ts";
import { attribute, bytes, double, fixed64, integer, latencyMs, message, text, varint } from "./proto.ts";
import { samples, type Sample } from "./samples.ts";
import { makeInstances, writeResource, type Instance } from "./resource.ts";

export interface MetricsOptions {
  readonly seed: number;
  /** Exports of every service instance; each holds one point of each of its series (16 + 3 a route). */
  readonly exports: number;
  readonly startUnixNano: bigint;
  /** Time between two exports, default 15 s. */
  readonly intervalNano?: bigint;
}

const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What a series has counted so far. */
interface Total {
  count: bigint;
  sum: number;
  readonly buckets: bigint[];
}

/**
 * Export requests of metrics, one a service instance and export: cumulative histograms with exemplars, monotonic and other sums, gauges,
 * an exponential histogram and a summary. Equal options give equal bytes.
 */
export function generateMetrics(options: MetricsOptions): Uint8Array[] {
  const random = seededRandom(options.seed);
  const instances = makeInstances(random).flat();
  const totals = new Map<string, Total>();
  const levels = new Map<string, number>();
  const requests: Uint8Array[] = [];
  const interval = options.intervalNano ?? 15_000_000_000n;
  for (let step = 1; step <= options.exports; step++) {
    const now = options.startUnixNano + interval * BigInt(step);
    for (const instance of instances) {
      const writer = new Writer(8192);
      const point: PointMaker = {
        writer,
        random,
        totals,
        levels,
        instance,
        start: options.startUnixNano,
        now,
      };
      message(
        writer,
        1,
        () => {
          writeResource(writer, instance);
          message(writer, 2, () => writeScope(point), 5000);
        },
        5000,
      );
      requests.push(writer.finish());
    }
  }
  return requests;
}

interface PointMaker {
  readonly writer: Writer;
  readonly random: Random;
  readonly totals: Map<string, Total>;
  /** The last value of each series of `samples`. */
  readonly levels: Map<string, number>;
  readonly instance: Instance;
  readonly start: bigint;
  readonly now: bigint;
}

function writeScope(point: PointMaker): void {
  const { writer } = point;
  message(writer, 1, () => text(writer, 1, "io.opentelemetry.runtime"));
  const metric = (name: string, unit: string, write: () => void): void => {
    message(writer, 2, () => {
      text(writer, 1, name);
      text(writer, 2, `${name.replaceAll(".", " ")} of the process`);
      text(writer, 3, unit);
      write();
    });
  };
  metric("http.server.request.duration", "s", () => message(writer, 9, () => writeHistogram(point)));
  for (const sample of samples) {
    metric(sample.name, sample.unit, () => writeSample(point, sample));
  }
  metric("messaging.process.duration", "ms", () => message(writer, 10, () => writeExponential(point)));
  metric("rpc.latency", "ms", () => message(writer, 11, () => writeSummary(point)));
}

function asInt(writer: Writer, value: number): void {
  fixed64(writer, 6, BigInt(value));
}

function writeTimes({ writer, start, now }: PointMaker): void {
  fixed64(writer, 2, start);
  fixed64(writer, 3, now);
}

function totalOf(point: PointMaker, series: string): Total {
  const key = `${point.instance.id}/${series}`;
  const known = point.totals.get(key);
  if (known !== undefined) return known;
  const made: Total = { count: 0n, sum: 0, buckets: Array.from({ length: bounds.length + 1 }, () => 0n) };
  point.totals.set(key, made);
  return made;
}

/** Adds some requests to a series. */
function observe(point: PointMaker, total: Total): number {
  let seconds = 0;
  for (let left = 1 + integer(point.random, 40); left > 0; left--) {
    seconds = latencyMs(point.random) / 1000;
    const found = bounds.findIndex((bound) => seconds <= bound);
    const bucket = found === -1 ? bounds.length : found;
    total.buckets[bucket] = (total.buckets[bucket] ?? 0n) + 1n;
    total.count++;
    total.sum += seconds;
  }
  return seconds;
}

function writeHistogram(point: PointMaker): void {
  const { writer, random } = point;
  for (const route of point.instance.service.routes) {
    for (const status of [200n, 404n, 500n]) {
      const total = totalOf(point, `${route}/${status}`);
      const lastSeconds = observe(point, total);
      message(writer, 1, () => {
        writeTimes(point);
        fixed64(writer, 4, total.count);
        double(writer, 5, total.sum);
        message(writer, 6, () => total.buckets.forEach((count) => writer.fixed64(count)));
        message(writer, 7, () => bounds.forEach((bound) => writer.double(bound)));
        if (random.next() < 0.2) {
          message(writer, 8, () => {
            fixed64(writer, 2, point.now);
            double(writer, 3, lastSeconds);
            bytes(writer, 4, random.bytes(8));
            bytes(writer, 5, random.bytes(16));
          });
        }
        attribute(writer, 9, "http.request.method", "GET");
        attribute(writer, 9, "http.response.status_code", status);
        attribute(writer, 9, "http.route", route);
        attribute(writer, 9, "url.scheme", "http");
      });
    }
  }
  varint(writer, 2, 2);
}

function writeSample(point: PointMaker, sample: Sample): void {
  const { writer } = point;
  message(writer, sample.kind === "gauge" ? 5 : 7, () => {
    for (const value of sample.values) {
      const key = `${sample.name}/${value}`;
      const next = sample.next(point.random, point.levels.get(`${point.instance.id}/${key}`));
      point.levels.set(`${point.instance.id}/${key}`, next);
      message(writer, 1, () => {
        writeTimes(point);
        if (sample.asDouble) double(writer, 4, next);
        else asInt(writer, next);
        if (sample.key !== "") attribute(writer, 7, sample.key, value);
      });
    }
    if (sample.kind === "gauge") return;
    varint(writer, 2, 2);
    if (sample.kind === "counter") varint(writer, 3, 1);
  });
}

function writeExponential(point: PointMaker): void {
  const { writer, random } = point;
  const counts = Array.from({ length: 20 }, () => integer(random, 90));
  message(writer, 1, () => {
    attribute(writer, 1, "messaging.destination.name", "orders");
    writeTimes(point);
    fixed64(writer, 4, BigInt(counts.reduce((sum, count) => sum + count, 3)));
    double(writer, 5, counts.length * 11.5);
    writer.tag(6, 0);
    writer.varint(2 * 3);
    fixed64(writer, 7, 3n);
    message(writer, 8, () => {
      varint(writer, 1, 2 * integer(random, 20));
      message(writer, 2, () => counts.forEach((count) => writer.varint(count)));
    });
  });
  varint(writer, 2, 1);
}

function writeSummary(point: PointMaker): void {
  const { writer, random } = point;
  message(writer, 1, () => {
    writeTimes(point);
    fixed64(writer, 4, BigInt(1 + integer(random, 100)));
    double(writer, 5, random.next() * 1000);
    for (const quantile of [0.5, 0.9, 0.99]) {
      message(writer, 6, () => {
        double(writer, 1, quantile);
        double(writer, 2, latencyMs(random));
      });
    }
    attribute(writer, 7, "rpc.service", "shop.Payment");
  });
}
