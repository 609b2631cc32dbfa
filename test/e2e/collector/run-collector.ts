import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly endpoint?: string;
  readonly [field: string]: unknown;
}

/** The real command, as it is built; its log is JSON, since nobody looks at a terminal. */
export class RunningCollector {
  readonly child: ChildProcess;
  readonly lines: LogLine[] = [];
  stderr = "";
  stdout = "";
  private readonly waiting = new Set<() => void>();
  private unfinished = "";
  /** Its exit code, once all that it wrote is read. */
  private readonly ended: Promise<number | null>;
  private isOver = false;

  constructor(args: readonly string[], workingDirectory: string) {
    const command = [path.join(root, "dist/main.js"), "collector", ...args];
    this.child = spawn(process.execPath, command, { cwd: workingDirectory });
    this.child.stdout?.on("data", (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr?.on("data", (data: Buffer) => this.take(data.toString()));
    this.ended = once(this.child, "close").then(() => {
      this.isOver = true;
      this.wake();
      return this.child.exitCode;
    });
  }

  /** The first log line from `from` on whose message starts so; rejects when the command ends before. */
  async line(start: string, from = 0): Promise<LogLine> {
    for (;;) {
      const found = this.lines.slice(from).find((line) => line.msg.startsWith(start));
      if (found !== undefined) return found;
      if (this.isOver) throw new Error(`the collector ended before "${start}":\n${this.stderr}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Ends it by a signal and gives the exit code. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }

  exit(): Promise<number | null> {
    return this.ended;
  }

  private take(text: string): void {
    this.stderr += text;
    const parts = `${this.unfinished}${text}`.split("\n");
    this.unfinished = parts.pop() ?? "";
    for (const part of parts) if (part.startsWith("{")) this.lines.push(JSON.parse(part) as LogLine);
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** Values of one metric of a Prometheus page, by their labels as printed. */
export async function scrape(url: string, name: string): Promise<Record<string, number>> {
  const text = await (await fetch(url)).text();
  const values: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const match = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line);
    if (match?.[1] === name) values[match[2] ?? ""] = Number(match[3]);
  }
  return values;
}
