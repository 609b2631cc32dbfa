import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

/** Whoever fails in between leaves nothing running. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** `otelier up` as it is built, on a data directory, that can be killed and started again on the same ports. */
export class StackProcess {
  private readonly args: readonly string[];
  private child: ChildProcess | undefined;
  output = "";

  constructor(
    dataDir: string,
    ports: { readonly grpc: number; readonly otlpHttp: number; readonly http: number },
    more: readonly string[] = [],
  ) {
    this.args = [
      path.join(root, "dist/main.js"),
      "up",
      "--data",
      dataDir,
      "--otlp-grpc",
      `127.0.0.1:${ports.grpc}`,
      "--otlp-http",
      `127.0.0.1:${ports.otlpHttp}`,
      "--http",
      `127.0.0.1:${ports.http}`,
      ...more,
    ];
  }

  /** Resolves when the stack says that it is ready. */
  async start(): Promise<void> {
    const from = this.output.length;
    const child = this.launch();
    while (!this.output.slice(from).includes("ready:")) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`up ended:\n${this.output.slice(from)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Starts without waiting. */
  launch(): ChildProcess {
    const child = spawn(process.execPath, this.args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    const take = (data: Buffer): void => {
      this.output += data.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    return child;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error("the stack does not run");
    return this.child.pid;
  }

  /** Process id of the engine: the child that has the database open. */
  enginePid(): number | undefined {
    let children: string[];
    try {
      children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, "utf8").trim().split(" ");
    } catch {
      return undefined;
    }
    const found = children.find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("/engine/");
      } catch {
        // It ended between the two looks.
        return false;
      }
    });
    return found === undefined || found === "" ? undefined : Number(found);
  }

  /** Kills program and engine in one moment, as the loss of the machine would. */
  async killBoth(): Promise<void> {
    const engine = this.isRunning ? this.enginePid() : undefined;
    const ended = this.kill("SIGKILL");
    if (engine !== undefined) killPid(engine);
    await ended;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** Kills a process that may have ended already. */
export function killPid(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
