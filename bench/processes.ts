// Processes that are measured from outside, through /proc (Linux).
import { readdirSync, readFileSync } from "node:fs";

/** User and system time so far, in seconds, with that of children that ended and were waited for. 0 without a process id. */
export function cpuSecondsOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  // utime, stime, cutime, cstime, in ticks of 10 ms.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** Time that the threads of a process have run so far, in seconds, by the scheduler's clock: without what children took, and without threads that ended. */
export function runSecondsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return sum + Number(nanoseconds) / 1e9;
  }, 0);
}

/** Largest resident memory so far, in MiB. */
export function peakMemoryMiB(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** Resident memory now, in MiB; 0 without a process. */
export function memoryMiB(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}
