/**
 * Keeps one engine process running on a data directory: starts it, restarts it with growing pauses when it dies, ends it. What is written
 * survives its death in the writer's segments, so nothing here needs to be told.
 */
import { systemClock, type Clock } from "../../../base/clock.ts";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { DataDirectory } from "./data-directory.ts";
import { defaultEngineMemoryBytes } from "./engine-options.ts";
import { startEngineProcess, type EngineProcess } from "./engine-process.ts";

export interface SupervisorOptions {
  readonly directory: DataDirectory;
  /** Default 2 GiB. */
  readonly memoryBytes?: number;
  readonly clock?: Clock;
  /** The engine died (with how), or could not be started again; it will be tried again. */
  readonly onDown?: (reason: string) => void;
  /** The engine answers again after a death. */
  readonly onUp?: () => void;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A life this long ends the growing of the pauses. */
const healthyMs = 30_000;
/** The engine of a program that was just killed may still be ending. */
const lockWaitMs = 15_000;

export class EngineSupervisor {
  private readonly options: SupervisorOptions;
  private readonly clock: Clock;
  private process: EngineProcess | undefined;
  private readonly stopping = new AbortController();
  private keeping: Promise<void> = Promise.resolve();
  restarts = 0;

  private constructor(options: SupervisorOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  /** Resolves when the engine answers. Rejects with an OtelierError when its first start fails. */
  static async start(options: SupervisorOptions): Promise<EngineSupervisor> {
    const supervisor = new EngineSupervisor(options);
    const first = await supervisor.startOnce();
    supervisor.process = first;
    supervisor.keeping = supervisor.keep(first);
    return supervisor;
  }

  get isUp(): boolean {
    return this.process !== undefined;
  }

  /** Process id of the running engine; 0 while it is down. */
  get pid(): number {
    return this.process?.pid ?? 0;
  }

  get version(): string {
    return this.process?.version ?? "";
  }

  get socketPath(): string {
    return this.options.directory.socketPath;
  }

  /** Ends the engine; kills it after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    this.stopping.abort();
    await this.process?.stop(graceMs);
    await this.keeping;
  }

  private async keep(first: EngineProcess): Promise<void> {
    let current = first;
    let pauseMs = firstPauseMs;
    for (;;) {
      const since = this.clock.monotonic();
      const how = await current.ended;
      this.process = undefined;
      if (this.stopping.signal.aborted) return;
      if (this.clock.monotonic() - since > healthyMs) pauseMs = firstPauseMs;
      this.options.onDown?.(`its process ended with ${how}`);
      for (;;) {
        await this.clock.sleep(pauseMs, this.stopping.signal);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        if (this.stopping.signal.aborted) return;
        try {
          current = await this.startOnce();
          break;
        } catch (error) {
          this.options.onDown?.(messageOf(error));
        }
      }
      this.restarts++;
      if (this.stopping.signal.aborted) {
        await current.stop(2_000);
        return;
      }
      this.process = current;
      this.options.onUp?.();
    }
  }

  private async startOnce(): Promise<EngineProcess> {
    const { databaseDirectory, socketPath, temporaryDirectory, engineLockPath } = this.options.directory;
    const memoryBytes = this.options.memoryBytes ?? defaultEngineMemoryBytes;
    const deadline = this.clock.monotonic() + lockWaitMs;
    for (;;) {
      try {
        return await startEngineProcess({
          databaseDirectory,
          socketPath,
          temporaryDirectory,
          lockPath: engineLockPath,
          memoryBytes,
        });
      } catch (error) {
        const locked = error instanceof OtelierError && error.code === "engine-locked";
        if (!locked || this.clock.monotonic() > deadline || this.stopping.signal.aborted) throw error;
        await this.clock.sleep(100, this.stopping.signal);
      }
    }
  }
}
