import type { Random } from "../../src/base/random.ts";
import { integer } from "./proto.ts";

/**
 * A metric of single numbers. `next` gives a series' value from its last one, because what is measured changes little from one export to the next:
 * levels wander and rest, counters grow by what a process does in 15 seconds, limits never change. Values have the grain of their source:
 * clock ticks, pages, whole things.
 */
export interface Sample {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "level";
  readonly asDouble: boolean;
  /** Attribute that tells the series apart, '' for a single one. */
  readonly key: string;
  readonly values: readonly string[];
  readonly next: (random: Random, last: number | undefined) => number;
}

const pageBytes = 4096;

export const samples: readonly Sample[] = [
  {
    name: "process.cpu.time",
    unit: "s",
    kind: "counter",
    asDouble: true,
    key: "cpu.mode",
    values: ["user", "system"],
    // The kernel counts ticks of 10 ms; a process uses 2 to 4 % of a core.
    next: (random, last = 0) => Math.round(last * 100 + 30 + integer(random, 30)) / 100,
  },
  {
    name: "process.memory.usage",
    unit: "By",
    kind: "level",
    asDouble: false,
    key: "",
    values: [""],
    next: (random, last = 180_000_000 - (180_000_000 % pageBytes)) =>
      rests(random, 0.6) ? last : last + (integer(random, 400) - 199) * pageBytes,
  },
  {
    name: "http.server.active_requests",
    unit: "{request}",
    kind: "level",
    asDouble: false,
    key: "http.request.method",
    values: ["GET", "POST"],
    next: (random) => Math.floor(random.next() ** 3 * 6),
  },
  {
    name: "process.open_file_descriptor.count",
    unit: "{file_descriptor}",
    kind: "level",
    asDouble: false,
    key: "",
    values: [""],
    next: (random, last = 64) => wander(random, last, 40, 200),
  },
  {
    name: "process.thread.count",
    unit: "{thread}",
    kind: "level",
    asDouble: false,
    key: "",
    values: [""],
    next: (random, last = 24) => (rests(random, 0.95) ? last : wander(random, last, 16, 48)),
  },
  {
    name: "db.client.connection.count",
    unit: "{connection}",
    kind: "level",
    asDouble: false,
    key: "db.client.connection.state",
    values: ["idle", "used"],
    next: (random, last = 5) => wander(random, last, 0, 10),
  },
  {
    name: "db.client.connection.max",
    unit: "{connection}",
    kind: "level",
    asDouble: false,
    key: "",
    values: [""],
    next: () => 10,
  },
  {
    name: "process.network.io",
    unit: "By",
    kind: "counter",
    asDouble: false,
    key: "network.io.direction",
    values: ["receive", "transmit"],
    next: (random, last = 0) => last + 20 * (1500 + integer(random, 600)),
  },
  {
    name: "process.context_switches",
    unit: "{context_switch}",
    kind: "counter",
    asDouble: false,
    key: "process.context_switch.type",
    values: ["voluntary", "involuntary"],
    next: (random, last = 0) => last + 200 + integer(random, 60),
  },
];

function rests(random: Random, share: number): boolean {
  return random.next() < share;
}

/** Two of three times the same, else one more or less within the bounds. */
function wander(random: Random, last: number, least: number, most: number): number {
  const step = integer(random, 6);
  return Math.min(most, Math.max(least, last + (step === 0 ? 1 : step === 1 ? -1 : 0)));
}
