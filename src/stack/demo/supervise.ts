import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/error.ts";
import type { ProcessEnd, RunningProcess } from "../../instrument/process.ts";

export interface SuperviseOptions {
  readonly name: string;
  readonly start: () => RunningProcess | Promise<RunningProcess>;
  readonly clock: Clock;
  readonly output: (line: string) => void;
  /** Where its output went, named when it ends unasked. */
  readonly logPath: string;
  /** Told the pid of each start; 0 when it could not be started. */
  readonly onStart?: (pid: number) => void;
}

export interface Supervised {
  readonly name: string;
  /** Resolves when it runs for the first time, or has failed to. */
  readonly started: Promise<void>;
  /** False once it was given up or stopped. */
  readonly alive: () => boolean;
  /** Ends it (SIGTERM, after `graceMs` SIGKILL) and starts it no more. */
  stop(graceMs: number): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
const quietMs = 60_000;
const endsInARow = 8;

/**
 * Keeps a program running: one that ends by itself is started again after 0.5 s, then 1, 2, 4 ... at most 30 s, and given up after eight
 * ends in a row. A minute without an end makes it count from the start. A program that cannot be started counts as one that ended.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { name, clock, output } = options;
  const stopping = new AbortController();
  let alive = true;
  let graceMs = 0;
  let hasStarted: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    hasStarted = resolve;
  });

  /** One life of the program, from its start to its end. */
  async function live(): Promise<ProcessEnd> {
    let program: RunningProcess;
    try {
      program = await options.start();
    } catch (error) {
      return { problem: messageOf(error) };
    } finally {
      hasStarted();
    }
    options.onStart?.(program.pid);
    const stop = (): void => void program.stop(graceMs);
    stopping.signal.addEventListener("abort", stop);
    if (stopping.signal.aborted) stop();
    const end = await program.ended;
    stopping.signal.removeEventListener("abort", stop);
    return end;
  }

  async function keep(): Promise<void> {
    let ends = 0;
    while (!stopping.signal.aborted) {
      const startedMs = clock.monotonic();
      const end = await live();
      if (stopping.signal.aborted) return;
      ends = clock.monotonic() - startedMs >= quietMs ? 1 : ends + 1;
      const what = `demo: "${name}" ended (${endText(end)})`;
      if (ends >= endsInARow) {
        output(`${what} ${ends} times in a row and stays down; see ${options.logPath}`);
        return;
      }
      const delayMs = restartDelayMs(ends);
      output(`${what}; starting it again in ${delayMs / 1000} s; see ${options.logPath}`);
      await clock.sleep(delayMs, stopping.signal);
    }
  }

  const over = keep().finally(() => {
    alive = false;
  });
  return {
    name,
    started,
    alive: () => alive,
    stop: (grace) => {
      graceMs = grace;
      stopping.abort();
      return over;
    },
  };
}

/** Milliseconds to wait after the n-th end in a row (from 1). */
export function restartDelayMs(ends: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (ends - 1));
}

function endText(end: ProcessEnd): string {
  if (end.problem !== undefined) return end.problem;
  return end.signal === undefined ? `exit code ${end.code}` : end.signal;
}
