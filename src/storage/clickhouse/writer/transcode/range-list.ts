/** Stretches of a message, kept without an object each. Layout: start and end of stretch n at 2n and 2n + 1. */
export class RangeList {
  bounds: Uint32Array = new Uint32Array(64);
  /** Stretches, not numbers. */
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(start: number, end: number): void {
    const at = this.count * 2;
    if (at === this.bounds.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.bounds);
      this.bounds = larger;
    }
    this.bounds[at] = start;
    this.bounds[at + 1] = end;
    this.count++;
  }
}
