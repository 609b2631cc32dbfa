import { readdirSync, readFileSync } from "node:fs";

/** What a process takes, by /proc (proc_pid_stat(5)). */
export interface ProcessUsage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly threads: number;
  readonly virtualBytes: number;
  readonly residentBytes: number;
  readonly openFiles: number;
}

/** USER_HZ, the unit of times in /proc, is 100 on every processor that is supported. */
const ticksPerSecond = 100;

/** Undefined when the process has ended, or is not ours to look at. */
export function processUsage(pid: number, pageBytes: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Fields from the third on: the name before may hold anything, also parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const field = (number: number): number => Number(fields[number - 3]);
    return {
      userSeconds: field(14) / ticksPerSecond,
      systemSeconds: field(15) / ticksPerSecond,
      threads: field(20),
      virtualBytes: field(23),
      residentBytes: field(24) * pageBytes,
      openFiles: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return undefined;
  }
}
