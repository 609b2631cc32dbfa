import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { startProcess } from "../../instrument/process.ts";
import type { Leftovers } from "./leftovers.ts";
import { openLogFile, type LogFile } from "./log-file.ts";
import type { InstrumentProgram, Program } from "./programs.ts";
import { supervise, type Supervised } from "./supervise.ts";

/** In which order programs are stopped: visitors first, so that nobody meets a closed door; the database last. */
const stopOrder = ["load", "front", "api", "database"] as const;
export type Stage = (typeof stopOrder)[number];

const graceMs = 5000;
const logLimitBytes = 8 * 1024 * 1024;

export interface CompanyOptions {
  /** Folder of the log files. */
  readonly logs: string;
  readonly clock: Clock;
  readonly leftovers: Leftovers;
  readonly output: (line: string) => void;
}

/** All running programs of one demo: each is supervised, writes its own log file, and is stopped at its stage. */
export class Company {
  readonly options: CompanyOptions;
  readonly members: Map<
    string,
    { readonly stage: Stage; readonly supervised: Supervised; readonly log: LogFile }
  > = new Map();
  stopped: Promise<void> | undefined;

  constructor(options: CompanyOptions) {
    this.options = options;
  }

  /** Starts a program as it is, without instrumentation. */
  readonly plain: InstrumentProgram = (program, output) =>
    startProcess({ ...program, output, holdStdin: true });

  /** Starts a program and keeps it running. Once the company stops nobody is hired any more. `watch` sees the output too. */
  hire(stage: Stage, program: Program, start: InstrumentProgram, watch?: (chunk: Uint8Array) => void): void {
    if (this.stopped !== undefined) return;
    const log = openLogFile(this.logPath(program.name), logLimitBytes);
    const output = (chunk: Uint8Array): void => {
      log.write(chunk);
      watch?.(chunk);
    };
    const supervised = supervise({
      name: program.name,
      clock: this.options.clock,
      output: this.options.output,
      logPath: log.path,
      onStart: (pid) => {
        if (pid > 0) this.options.leftovers.remember(pid);
      },
      start: () => start(program, output),
    });
    this.members.set(program.name, { stage, supervised, log });
  }

  member(name: string): Supervised | undefined {
    return this.members.get(name)?.supervised;
  }

  logPath(name: string): string {
    return path.join(this.options.logs, `${name}.log`);
  }

  /** Stops stage after stage; each takes its grace at most. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  async stopAll(): Promise<void> {
    const members = [...this.members.values()];
    for (const stage of stopOrder) {
      const these = members.filter((member) => member.stage === stage);
      await Promise.all(these.map(({ supervised }) => supervised.stop(graceMs)));
    }
    for (const { log } of members) log.close();
    this.options.leftovers.forgetAll();
  }
}
