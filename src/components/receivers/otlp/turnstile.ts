/**
 * Lets requests into the pipeline so that others get a turn: checking and transcoding a request takes milliseconds of the one thread that also answers
 * queries. What arrives in one turn of the event loop goes straight through for a few milliseconds; the rest waits in line, one in each further turn, and
 * between the turns everything else that the program serves is looked at.
 */
const budgetMs = 4;

export class Turnstile {
  private readonly line: (() => void)[] = [];
  private turnStartedMs = 0;
  private turnIsMarked = false;

  /** Undefined: go on at once. Else resolves when it is this one's turn. */
  enter(): Promise<void> | undefined {
    const now = performance.now();
    if (!this.turnIsMarked) {
      this.turnIsMarked = true;
      this.turnStartedMs = now;
      setImmediate(() => this.nextTurn());
    }
    if (this.line.length === 0 && now - this.turnStartedMs < budgetMs) return undefined;
    return new Promise((resolve) => this.line.push(resolve));
  }

  private nextTurn(): void {
    const next = this.line.shift();
    this.turnIsMarked = next !== undefined;
    if (next === undefined) return;
    setImmediate(() => this.nextTurn());
    next();
  }
}
