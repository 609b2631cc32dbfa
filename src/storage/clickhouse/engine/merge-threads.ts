/**
 * Merges take what questions and inserts leave of the processor. The engine has a setting for that, but it needs CAP_SYS_NICE, and reaches one thread of
 * two; any process may lower its own threads. Linux only; elsewhere merges compete as equals.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";

const niceness = 10;
const lookAgainMs = 1_000;

/** Lowers the threads of this process that merge, as soon as the engine has made them: with its first table. */
export function lowerMergeThreads(): void {
  if (process.platform !== "linux") return;
  const timer = setInterval(() => {
    const threads = mergeThreads();
    for (const thread of threads) setPriority(thread, niceness);
    if (threads.length > 0) clearInterval(timer);
  }, lookAgainMs);
  timer.unref();
}

function mergeThreads(): number[] {
  return readdirSync("/proc/self/task")
    .filter((thread) => nameOf(thread) === "MergeMutate")
    .map(Number);
}

/** A thread may end while one looks. */
function nameOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
