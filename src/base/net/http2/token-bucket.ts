/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs = 0;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  take(): boolean {
    if (this.#tokens < 1) {
      const now = performance.now();
      const earned = ((now - this.#atMs) / 1000) * this.#perSecond;
      this.#tokens = Math.min(this.#burst, this.#tokens + earned);
      this.#atMs = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
