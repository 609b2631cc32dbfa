/**
 * Which series (fingerprint and day of its points) were written today, so that each is written once, and how many each tenant has started, so that none
 * starts more than the bound. Resources are kept likewise, with numbers of shorter stretches instead of days (resource-sightings.ts). A set of numbers in typed arrays, emptied when a new day begins by the time of arrival. Layout: three words an entry:
 * fingerprint low, high, and day + 1 with the generation above it.
 */
const firstCapacity = 4096;
/** Without a bound the set starts over at this many, and series are written again, which merging makes good. */
const forgottenAt = 1_000_000;
/** With a bound, what all tenants and days may have together (some 100 MB); the largest bound, too. */
export const maxKnownSeries = 4_000_000;
export const defaultMaxSeries = 1_000_000;

const dayMs = 86_400_000;
/** Days + 1 take 17 bits. */
const dayMask: number = (1 << 17) - 1;
const maxGeneration: number = (1 << 15) - 1;

export type SeriesAnswer =
  | typeof seriesIsKnown
  | typeof seriesIsNew
  | typeof seriesIsBeyondTenant
  | typeof seriesIsBeyondAll;
export const seriesIsKnown = 0;
/** Its row is to be written; the series is known from then on. */
export const seriesIsNew = 1;
/** Its tenant has as many on this day as it may. */
export const seriesIsBeyondTenant = 2;
/** All tenants together have as many as are kept. */
export const seriesIsBeyondAll = 3;

export class KnownSeries {
  /** New series a day and tenant; 0: no bound. */
  readonly limit: number;
  private readonly capacity: number;
  private words: Uint32Array = new Uint32Array(firstCapacity * 3);
  private mask: number = firstCapacity - 1;
  private count = 0;
  private generation = 0;
  /** Number of series by tenant and day of their points; what was lost and is written again counts once. */
  private readonly started: Map<string, Map<number, number>> = new Map();
  private tenant = "";
  /** Of the tenant; undefined when it has started none. */
  private days: Map<number, number> | undefined;
  private arrivalDay = -1;

  /** `capacity`: for tests. */
  constructor(limit: number, capacity: number = limit === 0 ? forgottenAt : maxKnownSeries) {
    this.limit = limit;
    this.capacity = capacity;
  }

  /** Says whose points come next, and when they arrived (Unix milliseconds). */
  begin(tenant: string, arrivedMs: number): void {
    const day = Math.floor(arrivedMs / dayMs);
    // Requests of before midnight may come a little after it.
    if (day > this.arrivalDay || day < this.arrivalDay - 1) {
      this.arrivalDay = day;
      this.clear();
    }
    this.tenant = tenant;
    this.days = this.started.get(tenant);
  }

  /** Looks a series up, and notes it when it is new and within the bound. `day`: days since 1970 of the point. */
  note(low: number, high: number, day: number): SeriesAnswer {
    if (this.count * 2 > this.mask) this.grow();
    const { words, mask } = this;
    const wanted = (this.generation << 17) | (day + 1);
    let place = (low ^ Math.imul(day, 0x9e3779b1)) & mask;
    for (;;) {
      const at = place * 3;
      const found = words[at + 2]!;
      if (found === 0) {
        if (this.limit === 0 && this.count >= this.capacity) {
          this.clear();
          return this.note(low, high, day);
        }
        const answer = this.limit === 0 ? seriesIsNew : this.admit(day);
        if (answer !== seriesIsNew) return answer;
        words[at] = low;
        words[at + 1] = high;
        words[at + 2] = wanted;
        this.count++;
        return seriesIsNew;
      }
      if ((found & dayMask) === day + 1 && words[at] === low && words[at + 1] === high) {
        if (found >>> 17 === this.generation) return seriesIsKnown;
        words[at + 2] = wanted;
        return seriesIsNew;
      }
      place = (place + 1) & mask;
    }
  }

  /** Rows may be lost: each series is written again when it comes next. What was counted stays counted. */
  forget(): void {
    this.generation++;
    if (this.generation <= maxGeneration) return;
    this.generation = 1;
    for (let at = 2; at < this.words.length; at += 3) this.words[at] = this.words[at]! & dayMask;
  }

  private admit(day: number): SeriesAnswer {
    const started = this.days?.get(day) ?? 0;
    if (started >= this.limit) return seriesIsBeyondTenant;
    if (this.count >= this.capacity) return seriesIsBeyondAll;
    if (this.days === undefined) {
      this.days = new Map();
      this.started.set(this.tenant, this.days);
    }
    this.days.set(day, started + 1);
    return seriesIsNew;
  }

  private clear(): void {
    this.words = new Uint32Array(firstCapacity * 3);
    this.mask = firstCapacity - 1;
    this.count = 0;
    this.generation = 0;
    this.started.clear();
    this.days = undefined;
  }

  private grow(): void {
    const old = this.words;
    this.mask = (this.mask + 1) * 2 - 1;
    const words = new Uint32Array((this.mask + 1) * 3);
    this.words = words;
    for (let from = 0; from < old.length; from += 3) {
      const entry = old[from + 2]!;
      if (entry === 0) continue;
      let place = (old[from]! ^ Math.imul((entry & dayMask) - 1, 0x9e3779b1)) & this.mask;
      while (words[place * 3 + 2] !== 0) place = (place + 1) & this.mask;
      words[place * 3] = old[from]!;
      words[place * 3 + 1] = old[from + 1]!;
      words[place * 3 + 2] = entry;
    }
  }
}
