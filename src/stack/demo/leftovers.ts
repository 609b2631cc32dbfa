import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";

/**
 * Remembers the demo's running programs in a file, so that a run that was killed does not leave its services behind: the next run in the
 * same data folder ends them. A program is known by pid and start time, so a pid that was given to another program meanwhile is left alone.
 * Where there is no /proc nothing is remembered.
 */
export interface Leftovers {
  remember(pid: number): void;
  /** Ends what an earlier run left: SIGTERM, and SIGKILL after three seconds. Returns how many there were. */
  endAll(): Promise<number>;
  /** The run ended in order. */
  forgetAll(): void;
}

export function leftoversIn(file: string, clock: Clock): Leftovers {
  const known = new Map<number, string>();
  return {
    remember: (pid) => {
      const start = startTicks(pid);
      if (start === undefined) return;
      known.set(pid, start);
      for (const [other, ticks] of known) if (startTicks(other) !== ticks) known.delete(other);
      writeFileSync(file, `${[...known].map(([each, ticks]) => `${each} ${ticks}`).join("\n")}\n`);
    },
    endAll: async () => {
      const running = read(file).filter(([pid, start]) => startTicks(pid) === start);
      for (const [pid] of running) send(pid, "SIGTERM");
      for (
        let waited = 0;
        waited < 30 && running.some(([pid, start]) => startTicks(pid) === start);
        waited++
      ) {
        await clock.sleep(100);
      }
      for (const [pid, start] of running) if (startTicks(pid) === start) send(pid, "SIGKILL");
      rmSync(file, { force: true });
      return running.length;
    },
    forgetAll: () => rmSync(file, { force: true }),
  };
}

function read(file: string): readonly (readonly [number, string])[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter((parts) => parts.length === 2)
    .map(([pid, start]) => [Number(pid), start ?? ""]);
}

/** When the process began, in clock ticks since boot (field 22 of /proc/PID/stat); undefined when it is gone or a zombie. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
