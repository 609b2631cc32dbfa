/**
 * Starts a program instrumented: `otelier run`, and the services of the demo. Sets the environment (environment.ts), reads what the
 * hooks report (run-folder.ts, process-reports.ts), sends what ended processes left behind (spool-sender.ts), and passes signals
 * and the exit code through. The program itself is unchanged: same terminal, same stdin, same folder.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { systemClock, type Clock } from "../base/clock.ts";
import { packageVersion } from "../base/package-version.ts";
import { systemRandom } from "../base/random.ts";
import { ensureAgents } from "./ensure-agents.ts";
import { instrumentedEnvironment } from "./environment.ts";
import { cacheFolder } from "./agent-cache.ts";
import { commandUnder, type GoAgent } from "./go-agent.ts";
import { goSidecar } from "./go-sidecar.ts";
import { startGoTracing, type GoTracing } from "./go-tracing.ts";
import type { ProgressOutput } from "./progress.ts";
import type { Program } from "./program.ts";
import { endOf, type RunningProcess } from "./process.ts";
import { ProcessReports } from "./process-reports.ts";
import { RunFolder } from "./run-folder.ts";
import { serviceName } from "./service-name.ts";
import { sendSpooled } from "./spool-sender.ts";
import { stackAnswers } from "./stack-probe.ts";

export interface LaunchOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the program before ours is added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** OTEL_SERVICE_NAME in `environment` stands above it; without either it is inferred. */
  readonly serviceName?: string;
  /** Base URL of an OTLP receiver; OTEL_EXPORTER_OTLP_ENDPOINT in `environment` stands above it. */
  readonly endpoint: string;
  /**
   * "inherit": our terminal, stdin and process group, so that Ctrl-C reaches the program from the terminal.
   * A function takes what it prints; then it has a process group of its own and no stdin.
   */
  readonly stdio: "inherit" | ((chunk: Buffer, stream: "stdout" | "stderr") => void);
  /** What instruments Go programs; our own tracer without it. */
  readonly goAgent?: GoAgent;
  /** Takes whole lines, without line break, that begin with "otelier: ". */
  readonly onReport: (line: string) => void;
  /** Where the progress of an installation is shown. */
  readonly progress: ProgressOutput;
  readonly clock?: Clock;
}

export interface LaunchedProgram extends RunningProcess {
  /** Passes a signal on to the program. */
  forward(signal: NodeJS.Signals): void;
  /** Tells that the program got `signal`: if it is blocked and would have died of it without us, it is ended after a while. */
  noteSignal(signal: NodeJS.Signals): void;
}

const pollMs = 150;
/** How long the telemetry of ended processes is tried to be sent after the program's end. */
const drainMs = 3000;
const blockedMs = 2500;

/**
 * Installs missing agents, starts the program and resolves as soon as it runs. `ended` resolves when it has ended, its telemetry
 * was sent (3 s at most) and its reports were made. Rejects never; a command that cannot be started is an end with `problem`.
 */
export async function launch(options: LaunchOptions): Promise<LaunchedProgram> {
  const cache = cacheFolder(options.environment);
  const ensured = await ensureAgents({
    command: options.command,
    cwd: options.cwd,
    cache,
    environment: options.environment,
    output: options.progress,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  for (const problem of ensured.problems) options.onReport(`otelier: ${problem}`);
  const folder = new RunFolder();
  const named = serviceName(options.command, options.cwd, options.environment, options.serviceName);
  const added = instrumentedEnvironment({
    environment: options.environment,
    endpoint: options.endpoint,
    service: named,
    cache,
    cwd: options.cwd,
    runId: Buffer.from(systemRandom.bytes(8)).toString("hex"),
    runFolder: folder.path,
    found: ensured.found,
  });
  for (const { line, variables } of ensured.found) {
    const sends = Object.keys(variables).length === 0 ? "" : `; sends to ${endpointOf(options)}`;
    options.onReport(`otelier: ${named.name}: ${line}${sends}`);
  }
  const environment = { ...options.environment, ...added };
  const agent = options.goAgent ?? { name: "otelier" };
  const tracing = await traceGo(agent, ensured.program, options, environment, named.name);
  return start({ ...options, command: commandUnder(agent, options.command) }, environment, folder, tracing);
}

/** One source of spans a program: our tracer, another project's, or what otelc compiles into it. */
async function traceGo(
  agent: GoAgent,
  program: Program,
  options: LaunchOptions,
  environment: LaunchOptions["environment"],
  service: string,
): Promise<GoTracing> {
  const { onReport, cwd } = options;
  const { name } = agent;
  if (name === "otelier")
    return startGoTracing({ program, environment, service, version: packageVersion(), onReport });
  const endpoint = endpointOf(options);
  const untraced: GoTracing = { started: () => undefined, finish: async () => undefined };
  if (name !== "otelc" && program.runtime !== "go") {
    onReport(`otelier: --agent ${name} is not used: ${service} is no Go program`);
    return untraced;
  }
  if (name !== "otelc")
    return goSidecar({ agent: { ...agent, name }, environment, cwd, service, endpoint, onReport });
  onReport(`otelier: ${service} (go): instrumented by ${agent.path} while it compiles; sends to ${endpoint}`);
  return untraced;
}

function start(
  options: LaunchOptions,
  environment: LaunchOptions["environment"],
  folder: RunFolder,
  tracing: GoTracing,
): LaunchedProgram {
  const clock = options.clock ?? systemClock;
  const [command = "", ...args] = options.command;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...environment },
    ...(options.stdio === "inherit"
      ? { stdio: "inherit" }
      : { stdio: ["ignore", "pipe", "pipe"], detached: true }),
  });
  if (options.stdio !== "inherit") forwardOutput(child, options.stdio);
  if (child.pid !== undefined) tracing.started(child.pid);
  const reports = new ProcessReports();
  const watched = watch(folder, reports, options, clock, probe(options));
  const childEnd = endOf(child);
  const ended = childEnd.then(async (end) => {
    await Promise.all([watched.finish(), tracing.finish()]);
    return end;
  });
  const forward = (signal: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  return {
    pid: child.pid ?? 0,
    ended,
    forward,
    noteSignal: (signal) => {
      clock.schedule(blockedMs, () => {
        for (const pid of reports.blockedUnder(signal)) endBlocked(pid, signal, options.onReport);
      });
    },
    stop: (graceMs) => {
      forward("SIGTERM");
      const timer = setTimeout(() => endGroup(child, options.stdio !== "inherit"), graceMs);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}

function endpointOf(options: LaunchOptions): string {
  return options.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] || options.endpoint;
}

/** Says when nobody is there to send to; the program runs all the same. */
async function probe(options: LaunchOptions): Promise<boolean> {
  const endpoint = endpointOf(options);
  const answers = await stackAnswers(endpoint);
  if (!answers) {
    options.onReport(
      `otelier: nothing answers at ${endpoint}; the program runs, start the stack with: otelier up`,
    );
  }
  return answers;
}

/** Reads the run's folder until `finish`, which sends what is left, says what is left to say, and deletes the folder. */
function watch(
  folder: RunFolder,
  reports: ProcessReports,
  options: LaunchOptions,
  clock: Clock,
  answered: Promise<boolean>,
): { finish(): Promise<void> } {
  const stop = new AbortController();
  const say = (lines: readonly string[]): void => lines.forEach((line) => options.onReport(line));
  const read = (): void => {
    const now = clock.monotonic();
    for (const event of folder.newEvents()) say(reports.add(event, now));
  };
  const loop = (async (): Promise<void> => {
    while (!stop.signal.aborted) {
      read();
      say(reports.due(clock.monotonic()));
      await sendSpooled(folder);
      await clock.sleep(pollMs, stop.signal);
    }
  })();
  return {
    finish: async () => {
      stop.abort();
      await loop;
      read();
      const end = clock.monotonic() + drainMs;
      let result = await sendSpooled(folder);
      // Nobody listens there: trying longer would only delay the shell's prompt.
      while (result.problem !== undefined && result.isUnheard !== true && clock.monotonic() < end) {
        await clock.sleep(pollMs);
        result = await sendSpooled(folder);
      }
      read();
      say(reports.finish());
      const lost = folder.spooled().length;
      // Said already when nobody was there from the start.
      if (lost > 0 && (await answered)) {
        options.onReport(
          `otelier: the last ${lost} requests of ended processes were not sent: ${result.problem ?? "unknown"}`,
        );
      }
      for (const reason of new Set(result.refused))
        options.onReport(`otelier: telemetry was refused: ${reason}`);
      folder.close();
    },
  };
}

function forwardOutput(
  child: ChildProcess,
  sink: (chunk: Buffer, stream: "stdout" | "stderr") => void,
): void {
  child.stdout?.on("data", (chunk: Buffer) => sink(chunk, "stdout"));
  child.stderr?.on("data", (chunk: Buffer) => sink(chunk, "stderr"));
}

function endBlocked(pid: number, signal: string, say: (line: string) => void): void {
  try {
    process.kill(pid, "SIGKILL");
    say(
      `otelier: pid ${pid} was too busy to end on ${signal}; it was killed, its last second of telemetry is lost`,
    );
  } catch {
    // It has ended meanwhile.
  }
}

function endGroup(child: ChildProcess, ownGroup: boolean): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(ownGroup ? -child.pid : child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
