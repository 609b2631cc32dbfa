import { describe, expect, it } from "vitest";
import { KnownSeries } from "./known-series.ts";

const today = 20_000;
const atMs = (day: number, hour = 12): number => (day * 24 + hour) * 3_600_000;

/** What happens in turn: a request begins, a point of a series comes (number of the series, day of the point), or rows are lost. */
type Step =
  | { readonly begin: string; readonly day?: number }
  | {
      readonly series: number;
      readonly day?: number;
      readonly is: "known" | "new" | "beyond tenant" | "beyond all";
    }
  | "forget";

const answers = ["known", "new", "beyond tenant", "beyond all"] as const;
const a: Step = { begin: "a" };
const b: Step = { begin: "b" };

const cases: readonly {
  readonly name: string;
  readonly limit: number;
  readonly capacity?: number;
  readonly steps: readonly Step[];
}[] = [
  {
    name: "writes a series once a day",
    limit: 10,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 1, is: "known" },
      { series: 1, day: today - 1, is: "new" },
      { series: 1, day: today - 1, is: "known" },
    ],
  },
  {
    name: "refuses what is above the bound and keeps what is known",
    limit: 2,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 2, is: "new" },
      { series: 3, is: "beyond tenant" },
      { series: 3, is: "beyond tenant" },
      { series: 1, is: "known" },
      { series: 2, is: "known" },
    ],
  },
  {
    name: "counts each tenant for itself",
    limit: 1,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 2, is: "beyond tenant" },
      b,
      { series: 3, is: "new" },
      { series: 4, is: "beyond tenant" },
      a,
      { series: 1, is: "known" },
      { series: 5, is: "beyond tenant" },
    ],
  },
  {
    name: "counts each day of points for itself",
    limit: 1,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 1, day: today - 1, is: "new" },
      { series: 2, day: today - 1, is: "beyond tenant" },
    ],
  },
  {
    name: "bounds all tenants and days together",
    limit: 2,
    capacity: 3,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 1, day: 7, is: "new" },
      b,
      { series: 2, is: "new" },
      { series: 3, is: "beyond all" },
      { series: 2, is: "known" },
    ],
  },
  {
    name: "writes again what was lost, and counts it once",
    limit: 2,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 2, is: "new" },
      "forget",
      { series: 3, is: "beyond tenant" },
      { series: 1, is: "new" },
      { series: 1, is: "known" },
      { series: 2, is: "new" },
    ],
  },
  {
    name: "starts over on the next day of arrival",
    limit: 1,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 2, is: "beyond tenant" },
      { begin: "a", day: today + 1 },
      { series: 2, is: "new" },
      { series: 1, is: "beyond tenant" },
    ],
  },
  {
    name: "does not start over for a request of before midnight",
    limit: 1,
    steps: [
      a,
      { series: 1, is: "new" },
      { begin: "a", day: today - 1 },
      { series: 2, is: "beyond tenant" },
      a,
      { series: 1, is: "known" },
    ],
  },
  {
    name: "starts over when the clock was set back by days",
    limit: 1,
    steps: [a, { series: 1, is: "new" }, { begin: "a", day: today - 9 }, { series: 2, is: "new" }],
  },
  {
    name: "without a bound refuses nothing, and starts over when it is full",
    limit: 0,
    capacity: 2,
    steps: [
      a,
      { series: 1, is: "new" },
      { series: 2, is: "new" },
      { series: 3, is: "new" },
      { series: 3, is: "known" },
      { series: 1, is: "new" },
    ],
  },
];

describe("known series", () => {
  it.each(cases)("$name", ({ limit, capacity, steps }) => {
    const known = new KnownSeries(limit, ...(capacity === undefined ? [] : [capacity]));
    for (const step of steps) {
      if (step === "forget") known.forget();
      else if ("begin" in step) known.begin(step.begin, atMs(step.day ?? today));
      else {
        const { series, day = today, is } = step;
        expect([series, answers[known.note(Math.imul(series, 0x9e3779b1) >>> 0, series, day)]]).toEqual([
          series,
          is,
        ]);
      }
    }
  });

  it("finds all again after it has grown, and after more losses than it numbers", () => {
    const series = 20_000;
    const known = new KnownSeries(series);
    known.begin("a", atMs(today));
    const ask = (from: number): ReadonlySet<number> => {
      const seen = new Set<number>();
      for (let index = from; index < from + series; index++) seen.add(known.note(index, index * 7, today));
      return seen;
    };
    expect(ask(0)).toEqual(new Set([1]));
    expect(ask(0)).toEqual(new Set([0]));
    for (let loss = 0; loss < 70_000; loss++) {
      known.forget();
      // Each generation but the last has an entry of its own.
      known.note(loss % series, (loss % series) * 7, today);
    }
    known.forget();
    expect(ask(0)).toEqual(new Set([1]));
    expect(ask(0)).toEqual(new Set([0]));
    expect(ask(series)).toEqual(new Set([2]));
  });
});
