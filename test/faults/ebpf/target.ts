/** nginx on a port of its own, from a file of its own that can be replaced, and `otelier ebpf` beside it. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { processTree } from "../../../src/instrument/ebpf/process-tree.ts";
import { soon } from "../kinds.ts";

/** A server that answers every request at once. */
export class Target {
  readonly binary: string;
  private readonly folder: string;
  readonly port: number;
  private child: ChildProcess | undefined;

  constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.binary = path.join(folder, "nginx");
    this.install();
    writeFileSync(path.join(folder, "nginx.conf"), this.configuration());
  }

  /** As a package manager does: another file takes the name, and the old one is gone when nobody executes it. */
  install(): void {
    const installed = execFileSync("sh", ["-c", "command -v nginx"], { encoding: "utf8" }).trim();
    copyFileSync(installed, `${this.binary}.new`);
    renameSync(`${this.binary}.new`, this.binary);
  }

  start(): void {
    const options = ["-c", path.join(this.folder, "nginx.conf"), "-p", this.folder];
    this.child = spawn(this.binary, options, { stdio: "ignore" });
  }

  /** All its processes at once. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    for (const pid of processTree(child.pid)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await ended;
  }

  private configuration(): string {
    const { folder, port } = this;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    return `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  server { listen 127.0.0.1:${port} backlog=4096; location / { return 200 "in stock\\n"; } }
}
`;
  }
}

/** `otelier ebpf` for what listens on a port. */
export class Observer {
  private readonly child: ChildProcess;
  private said = "";

  constructor(port: number, endpoint: string) {
    const options = ["dist/main.js", "ebpf", "--port", String(port), "--endpoint", endpoint];
    this.child = spawn(process.execPath, options, { stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.said += text));
  }

  get output(): string {
    return this.said;
  }

  /** Of its own process and that of the tracer. */
  get pids(): readonly number[] {
    return processTree(this.child.pid ?? 0);
  }

  /** How many processes it said it observes. */
  get observed(): number {
    return this.said.match(/: observes /g)?.length ?? 0;
  }

  /** How much it said was lost. */
  get lossLines(): readonly string[] {
    return this.said.split("\n").filter((line) => /\blost\b|were dropped/.test(line));
  }

  /** Throws when it does not observe more than `before` processes soon. */
  async observesMore(before: number): Promise<void> {
    if (!(await soon(() => this.observed >= before + 2, 60_000)))
      throw new Error(`nginx is not observed:\n${this.said}`);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGINT");
    await ended;
  }
}
