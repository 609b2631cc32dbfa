/** Values of lines against figures worked out by hand, on the real engine. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  MetricFixture,
  baseMs,
  samples,
  type PointRow,
  type SeriesRow,
} from "../../../../../test/fixtures/metric-fixture.ts";
import type { MetricAnswer, MetricFunction, MetricQuery, MetricReader } from "../../../metrics.ts";
import { createMetricReader } from "./metric-reader.ts";

let fixture: MetricFixture;
let reader: MetricReader;
let names = 0;

beforeAll(async () => {
  fixture = await MetricFixture.start();
  reader = createMetricReader(fixture.client);
});
afterAll(() => fixture.stop());

const context = { tenant: "" };

type Given = readonly (readonly [series: Partial<SeriesRow>, points: readonly PointRow[]])[];

/** Stores the series under a new name and asks for the first 60 s in steps of 15 s. */
async function ask(
  series: Given,
  wanted: MetricFunction,
  more: Partial<Omit<MetricQuery, "window">> & { readonly seconds?: number } = {},
): Promise<MetricAnswer> {
  const metric = `m${++names}`;
  let fingerprint = names * 1000;
  for (const [row, points] of series) {
    await fixture.add({ metric, type: "sum", fingerprint: ++fingerprint, ...row }, points);
  }
  const { seconds = 60, ...query } = more;
  const window = { startMs: baseMs, endMs: baseMs + seconds * 1000 };
  return reader.metricSeries(
    { metric, window, stepMs: 15_000, function: wanted, limit: 10, ...query },
    context,
  );
}

/** The values of the only line, rounded to nine digits after the point. */
function only(answer: MetricAnswer): readonly (number | null)[] {
  expect(answer.lines).toHaveLength(1);
  return rounded(answer.lines[0]?.values ?? []);
}

function rounded(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map((value) => (value === null ? null : Math.round(value * 1e9) / 1e9));
}

const old = -100_000;

describe("rate of a cumulative sum", () => {
  const cases: readonly (readonly [string, readonly PointRow[], readonly (number | null)[]])[] = [
    ["steady", samples("-15=0 0=15 15=30 30=60 45=60 60=75", old), [1, 2, 0, 1]],
    [
      "first step from a point before the window",
      samples("-5=0 10=30 25=60 40=90 55=120 70=150", old),
      [2, 2, 2, 2],
    ],
    [
      "without a point before there is no rate yet",
      samples("16=100 30=114 45=129 60=144", old),
      [null, 14 / 15, 1, 1],
    ],
    ["a value that falls is a reset", samples("0=100 15=130 30=15 45=30 60=45", old), [2, 1, 1, 1]],
    ["a value that falls to 0", samples("0=100 15=130 30=0 45=0 60=15", old), [2, 0, 0, 1]],
    [
      "a new start is a reset even when the value rises, and counts from the start",
      [...samples("0=10 15=25", old), ...samples("30=40 45=55 60=55", 20)],
      [1, 40 / 15, 1, 0],
    ],
    [
      "a start that wavers is no reset",
      [...samples("0=1000 15=1015", old), ...samples("30=1030 45=1045 60=1060", old + 1)],
      [1, 1, 1, 1],
    ],
    ["a young series counts from its start", samples("20=30 35=45 50=60 60=70", 5), [20 / 15, 20 / 15, 1, 1]],
    ["exports slower than the steps are spread", samples("-30=0 30=120 90=240", old), [2, 2, 2, 2]],
    [
      "the last step counts up to the newest point",
      samples("0=0 15=15 30=30 45=45 50=50", old),
      [1, 1, 1, 1],
    ],
    ["after the newest point there is nothing", samples("0=0 15=15 25=25", old), [1, 1, null, null]],
    ["the same point twice counts once", samples("0=0 15=15 15=15 30=30 45=45 60=60", old), [1, 1, 1, 1]],
    [
      "points without value are passed over",
      [
        ...samples("0=0 15=15", old),
        { at: 20, columns: { Value: 0, ValueKind: 0, Flags: 1 } },
        ...samples("30=30 45=45 60=60", old),
      ],
      [1, 1, 1, 1],
    ],
  ];
  test.each(cases)("%s", async (_name, points, expected) => {
    expect(only(await ask([[{}, points]], "rate"))).toEqual(rounded(expected));
  });

  test("no rate over a silence of more than five minutes, and again after it", async () => {
    const points = samples("-15=0 0=15 15=30 600=9000 615=9015 630=9030", old);
    const values = only(await ask([[{}, points]], "rate", { seconds: 630 }));
    expect([values[0], values[1], values[20], values[39], values[40], values[41]]).toEqual([
      1,
      null,
      null,
      null,
      1,
      1,
    ]);
  });

  test("exact beyond 2^53", async () => {
    const points = [0, 15, 30].map((at, index) => ({
      at,
      start: old,
      columns: { Value: 2 ** 60, ValueKind: 3, IntValue: 2n ** 60n + BigInt(index) * 15n },
    }));
    expect(only(await ask([[{}, points]], "rate", { seconds: 30 }))).toEqual([1, 1]);
  });

  test("sums over series, though each exports at its own moment", async () => {
    const late = samples("-8=0 7=15 22=30 37=45 52=60", old);
    const early = samples("-1=0 14=30 29=60 44=90 59=120", old);
    expect(
      only(
        await ask(
          [
            [{}, late],
            [{}, early],
          ],
          "rate",
        ),
      ),
    ).toEqual([3, 3, 3, 3]);
  });

  test("a restart under a new identity does not count twice", async () => {
    const before = samples("-15=0 0=15 15=30", old);
    const after = samples("35=15 50=30 65=45", 20);
    const answer = await ask(
      [
        [{}, before],
        [{ attributes: { instance: "2" } }, after],
      ],
      "rate",
    );
    expect(only(answer)).toEqual([1, rounded([10 / 15])[0], 1, 1]);
  });
});

describe("rates of other sums", () => {
  const delta = (values: readonly (readonly [number, number, number])[]): PointRow[] =>
    values.map(([start, at, value]) => ({ at, start, columns: { Value: value, ValueKind: 1 } }));
  const cases: readonly (readonly [
    string,
    Partial<SeriesRow>,
    readonly PointRow[],
    readonly (number | null)[],
  ])[] = [
    [
      "delta",
      { temporality: "delta" },
      delta([
        [0, 15, 15],
        [15, 30, 30],
        [30, 45, 0],
        [45, 60, 45],
      ]),
      [1, 2, 0, 3],
    ],
    [
      "delta that comes now and then",
      { temporality: "delta" },
      delta([
        [0, 15, 15],
        [45, 60, 45],
      ]),
      [1, null, null, 3],
    ],
    ["delta over several steps", { temporality: "delta" }, delta([[-10, 50, 60]]), [1, 1, 1, 1]],
    [
      "delta whose starts never move: since the point before",
      { temporality: "delta" },
      delta([
        [0, 15, 15],
        [0, 30, 30],
        [0, 60, 60],
      ]),
      [1, 2, 2, 2],
    ],
    [
      "delta without start: since the point before",
      { temporality: "delta" },
      samples("5=15 20=30"),
      [35 / 15, 2, null, null],
    ],
    [
      "up and down: the derivative",
      { monotonic: false },
      samples("0=100 15=85 30=85 45=115 60=100", old),
      [-1, 0, 2, -1],
    ],
    ["gauge: the derivative", { type: "gauge" }, samples("0=1.5 15=3 30=0 45=0 60=15"), [0.1, -0.2, 0, 1]],
  ];
  test.each(cases)("%s", async (_name, series, points, expected) => {
    expect(only(await ask([[series, points]], "rate"))).toEqual(rounded(expected));
  });

  test("cumulative and delta series of one metric add up", async () => {
    const cumulative = samples("0=0 15=15 30=30 45=45 60=60", old);
    const deltas = delta([
      [0, 15, 15],
      [15, 30, 15],
      [30, 45, 15],
      [45, 60, 15],
    ]);
    const answer = await ask(
      [
        [{}, cumulative],
        [{ temporality: "delta" }, deltas],
      ],
      "rate",
    );
    expect(only(answer)).toEqual([2, 2, 2, 2]);
  });
});

describe("values as they stand", () => {
  const gauge = { type: "gauge" } as const;
  const a = samples("1=10 16=20 20=30 31=40 46=50");
  const b = samples("2=1 17=2 32=3 47=4");
  test.each<[MetricFunction, readonly (number | null)[]]>([
    ["average", [5.5, 16, 21.5, 27]],
    ["sum", [11, 32, 43, 54]],
    ["last", [1, 30, 3, 4]],
    ["p50", [5.5, 16, 21.5, 27]],
  ])("%s over series", async (wanted, expected) => {
    expect(
      only(
        await ask(
          [
            [gauge, a],
            [gauge, b],
          ],
          wanted,
        ),
      ),
    ).toEqual(expected);
  });

  const held: readonly (readonly [string, readonly PointRow[], number, readonly (number | null)[]])[] = [
    ["holds over steps without point", samples("1=10 46=50"), 60, [10, 10, 10, 50]],
    ["holds from before the window", samples("-20=7 20=8 59=9"), 60, [7, 8, 8, 9]],
    [
      "holds one missed export, not a longer silence",
      samples("1=1 16=2 196=3 211=4"),
      225,
      [1, 2, 2, 2, null, null, null, null, null, null, null, null, null, 3, 4],
    ],
    [
      "a point without value ends it",
      [...samples("1=10"), { at: 20, columns: { Value: 0, ValueKind: 0, Flags: 1 } }, ...samples("50=5")],
      60,
      [10, null, null, 5],
    ],
    ["NaN is no value", samples("1=10 20=NaN 50=5"), 60, [10, null, null, 5]],
    ["nothing after the newest point", samples("1=10 16=20"), 60, [10, 20, null, null]],
  ];
  test.each(held)("%s", async (_name, points, seconds, expected) => {
    expect(only(await ask([[gauge, points]], "average", { seconds }))).toEqual(expected);
  });

  test("delta sums: sum and average of what was added in a step", async () => {
    const points = [
      [0, 15, 4],
      [15, 30, 6],
      [30, 45, 8],
    ].map(([start, at, value]) => ({
      at: at ?? 0,
      start: start ?? 0,
      columns: { Value: value ?? 0, ValueKind: 2 },
    }));
    const series = { temporality: "delta" } as const;
    expect(
      only(
        await ask(
          [
            [series, points],
            [series, points],
          ],
          "sum",
        ),
      ),
    ).toEqual([8, 12, 16, null]);
    expect(
      only(
        await ask(
          [
            [series, points],
            [series, points],
          ],
          "average",
        ),
      ),
    ).toEqual([4, 6, 8, null]);
  });
});

test("property: rates times step add up to what series gained, however they export and restart", async () => {
  const random = pseudoRandom(7);
  for (let round = 0; round < 5; round++) {
    let gained = 0;
    const series: Given[number][] = [];
    for (let one = 0; one < 3; one++) {
      const rows = ["0=50"];
      let value = 50;
      let at = 0;
      while (at < 300) {
        at = Math.min(300, at + 5 + Math.floor(random() * 40));
        const grown = Math.floor(random() * 100);
        // A restarted counter holds less than before and has gained what it holds.
        const restarts = random() < 0.15;
        value = restarts ? Math.min(grown, value - 1) : value + grown;
        gained += restarts ? value : grown;
        rows.push(`${at}=${value}`);
      }
      series.push([{ attributes: { one: String(one) } }, samples(rows.join(" "), old)]);
    }
    const stepMs = [7000, 15_000, 60_000][round % 3] ?? 15_000;
    const answer = await ask(series, "rate", { stepMs, seconds: 300 });
    // Points end with the window, so the last step may be covered in part only.
    const total = (answer.lines[0]?.values ?? []).reduce<number>((sum, rate, step) => {
      const covered = Math.min(stepMs, 300_000 - step * stepMs) / 1000;
      return sum + (rate ?? 0) * covered;
    }, 0);
    expect(total).toBeCloseTo(gained, 6);
  }
});

/** Numbers from 0 to 1 that are the same in each run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
