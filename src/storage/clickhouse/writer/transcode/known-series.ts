/**
 * Which series (fingerprint and day) were written already, so that each is written once a day. A set of numbers in typed arrays, bounded: when it is full it
 * starts over, and series are written again, which merging makes good. Layout: three words an entry: fingerprint low, high, day + 1.
 */
const firstCapacity = 4096;
const maxSeries = 1_000_000;

export class KnownSeries {
  private words: Uint32Array = new Uint32Array(firstCapacity * 3);
  private mask: number = firstCapacity - 1;
  private count = 0;

  /** True when this series and day is new; it is known from then on. `day`: days since 1970. */
  add(low: number, high: number, day: number): boolean {
    if (this.count * 2 > this.mask) this.grow();
    let place = (low ^ Math.imul(day, 0x9e3779b1)) & this.mask;
    for (;;) {
      const at = place * 3;
      const found = this.words[at + 2]!;
      if (found === 0) {
        this.words[at] = low;
        this.words[at + 1] = high;
        this.words[at + 2] = day + 1;
        this.count++;
        return true;
      }
      if (found === day + 1 && this.words[at] === low && this.words[at + 1] === high) return false;
      place = (place + 1) & this.mask;
    }
  }

  clear(): void {
    this.words = new Uint32Array(firstCapacity * 3);
    this.mask = firstCapacity - 1;
    this.count = 0;
  }

  private grow(): void {
    if (this.count >= maxSeries) {
      this.clear();
      return;
    }
    const old = this.words;
    this.mask = (this.mask + 1) * 2 - 1;
    this.words = new Uint32Array((this.mask + 1) * 3);
    this.count = 0;
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] !== 0) this.add(old[at]!, old[at + 1]!, old[at + 2]! - 1);
    }
  }
}
