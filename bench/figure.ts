/** One measured number. `name` is stable: budgets and comparisons go by subject and name. */
export interface Figure {
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** Smallest and largest of the runs, where there was more than one. */
  readonly min?: number;
  readonly max?: number;
  /** Of a median: where that of endless runs lies with a probability of 95 %. */
  readonly interval?: readonly [low: number, high: number];
}

/** A benchmark: runs for some seconds, checks that what it measures is right, and throws when it is not. */
export interface Subject {
  readonly about: string;
  run(): Promise<readonly Figure[]>;
}

export interface RateOptions {
  readonly name: string;
  readonly unit: string;
  /** How many units one call of `work` gets done. */
  readonly amount: number;
  readonly work: () => void;
  /** Default 7, after two to warm up. */
  readonly runs?: number;
  /** Least duration of a run, default 150 ms. */
  readonly runMs?: number;
}

/** Units a second of one core: `work` is repeated for each run; median, smallest and largest of the runs. */
export function rate(options: RateOptions): Figure {
  const { amount, work, runs = 7, runMs = 150 } = options;
  const rates: number[] = [];
  for (let run = -2; run < runs; run++) {
    const start = performance.now();
    let calls = 0;
    let elapsed = 0;
    while (elapsed < runMs) {
      work();
      calls++;
      elapsed = performance.now() - start;
    }
    if (run >= 0) rates.push((calls * amount * 1000) / elapsed);
  }
  return { name: options.name, unit: options.unit, ...summaryOf(rates) };
}

/** Median, smallest and largest, rounded to four digits. */
export function summaryOf(values: readonly number[]): { value: number; min: number; max: number } {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (index: number): number => Number((sorted[index] ?? 0).toPrecision(4));
  return { value: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) };
}
