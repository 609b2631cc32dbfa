import process from "node:process";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import { cacheFolder } from "../instrument/agent-cache.ts";
import { instrumentedEnvironment } from "../instrument/environment.ts";
import { chooseGoAgent, goAgents } from "../instrument/go-agent.ts";
import { GroupSignalWatch } from "../instrument/group-signal.ts";
import { launch, type LaunchedProgram } from "../instrument/launcher.ts";
import {
  environmentFormats,
  isEnvironmentFormat,
  printEnvironment,
} from "../instrument/print-environment.ts";
import type { ProcessEnd } from "../instrument/process.ts";
import { serviceName } from "../instrument/service-name.ts";
import { signalNumber } from "../instrument/signal-number.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";

const defaultEndpoint = "http://127.0.0.1:4318";
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const;

export const runCommand: Command = {
  name: "run",
  summary: "start a program instrumented, without changing it",
  operands: "-- COMMAND [ARG ...]",
  description: [
    "Starts COMMAND with OpenTelemetry agents for Node.js (18.19 or newer, CommonJS and ES modules), Python (3.10 or newer) and Java (8 or",
    "newer) in it and in everything that it starts; package managers and build tools are left alone. Traces, metrics and logs go to the",
    "stack that `otelier up` runs. Go programs are traced from outside by eBPF, as root (see otelier ebpf doctor). The program, its folder, its",
    "terminal, its signals and its exit code stay as they are. Agents are installed once, into a cache (OTELIER_CACHE, default",
    "~/.cache/otelier). What the user has set as OTEL_* wins.",
    "",
    "One line a process on stderr says what was instrumented, what was not and why, and where it sends.",
  ].join("\n"),
  options: [
    {
      name: "name",
      value: "NAME",
      doc: "service name, unless OTEL_SERVICE_NAME is set; else the project's or the program's name",
    },
    {
      name: "endpoint",
      value: "URL",
      doc: "OTLP receiver, unless OTEL_EXPORTER_OTLP_ENDPOINT is set",
      default: defaultEndpoint,
    },
    {
      name: "agent",
      value: "AGENT",
      doc: "what traces a Go program; by default otelc for go build and go run when it is on the PATH, else our eBPF tracer",
      choices: goAgents,
    },
    { name: "dry-run", doc: "print the environment instead of starting the program" },
    { name: "format", value: "FORMAT", doc: "of --dry-run", default: "shell", choices: environmentFormats },
    { name: "quiet", doc: "no lines of our own on stderr, save errors" },
  ],
  examples: [
    { command: "otelier run -- node server.js", doc: "a Node.js program" },
    {
      command: "otelier run --name shop -- npm run dev",
      doc: "whatever npm starts; npm itself is left alone",
    },
    { command: "otelier run -- gunicorn -w 4 app:app", doc: "Python, each worker with metrics of its own" },
    { command: "otelier run -- java -jar target/shop.jar", doc: "Java" },
    {
      command: "otelier run --dry-run --format docker >> Dockerfile",
      doc: "the same environment for an image",
    },
  ],
  exitCodes: {
    127: "COMMAND was not found; otherwise the program's own code, or 128 + n when signal n ended it",
  },
  ownsSignals: true,
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  const endpoint = args.value("endpoint") ?? defaultEndpoint;
  const problem = problemWith(args, endpoint);
  if (problem !== undefined) {
    const [message, hint] = problem;
    io.stderr.write(`${printDiagnostic({ severity: "error", code: "bad-argument", message, hint })}\n`);
    return 2;
  }
  if (args.flag("dry-run")) return dryRun(args, io, endpoint);
  const goAgent = chooseGoAgent(
    goAgents.find((known) => known === args.value("agent")),
    args.rest,
    io.workingDirectory,
    io.environment["PATH"] ?? "",
  );
  if (typeof goAgent === "string") {
    io.stderr.write(
      `${printDiagnostic({ severity: "error", code: "bad-argument", message: `cannot use option "--agent": ${goAgent}` })}\n`,
    );
    return 2;
  }
  const quiet = args.flag("quiet");
  const say = (line: string): void => void (quiet ? undefined : io.stderr.write(`${line}\n`));
  const used = io.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] || endpoint;
  if (used !== endpoint && endpoint !== defaultEndpoint) {
    say(`otelier: --endpoint is not used: OTEL_EXPORTER_OTLP_ENDPOINT is ${used}`);
  }
  const relay = new SignalRelay();
  const name = args.value("name");
  const program = await launch({
    command: args.rest,
    cwd: io.workingDirectory,
    environment: io.environment,
    ...(name === undefined ? {} : { serviceName: name }),
    endpoint,
    goAgent,
    stdio: "inherit",
    onReport: say,
    progress: { write: (text) => io.stderr.write(text), isTTY: io.stderr.isTTY === true && !quiet },
  });
  relay.to(program);
  const end = await program.ended;
  relay.stop();
  return exitCode(end, args.rest[0] ?? "", io);
}

function problemWith(
  args: Arguments,
  endpoint: string,
): readonly [message: string, hint: string] | undefined {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    return [`option "--endpoint" is no http or https URL, got "${endpoint}"`, `such as ${defaultEndpoint}`];
  }
  if (args.operands.length > 0) {
    return [
      `unexpected "${args.operands[0]}" before "--"`,
      `write otelier run -- ${args.operands.join(" ")} ...`,
    ];
  }
  if (args.rest.length === 0 && !args.flag("dry-run")) {
    return ['no command after "--"', "write otelier run -- node server.js"];
  }
  return undefined;
}

function dryRun(args: Arguments, io: CommandIo, endpoint: string): number {
  const cache = cacheFolder(io.environment);
  const format = args.value("format") ?? "shell";
  const variables = instrumentedEnvironment({
    environment: io.environment,
    endpoint,
    service: serviceName(args.rest, io.workingDirectory, io.environment, args.value("name")),
    cache,
    cwd: io.workingDirectory,
  });
  const inContainer = format === "docker" || format === "compose";
  const notes = [
    'agents are installed by "otelier setup"',
    ...(inContainer
      ? [
          `make these folders readable in the container at the same paths: ${cache} and those in NODE_OPTIONS, PYTHONPATH and JAVA_TOOL_OPTIONS`,
          "in a container 127.0.0.1 is the container itself: give --endpoint http://HOST:4318",
        ]
      : []),
  ];
  io.stdout.write(printEnvironment(variables, isEnvironmentFormat(format) ? format : "shell", notes));
  return 0;
}

function exitCode(end: ProcessEnd, command: string, io: CommandIo): number {
  if (end.problem !== undefined) {
    const missing = end.problem.includes("ENOENT");
    const absence = command.includes("/") ? "there is no such program" : "not found on the PATH";
    io.stderr.write(`otelier: cannot start "${command}": ${missing ? absence : end.problem}\n`);
    return missing ? 127 : 126;
  }
  return end.code ?? 128 + signalNumber(end.signal ?? "");
}

/** Passes the signals that only we got on to the program; until it runs, the first one ends us as if we were not there. */
class SignalRelay {
  private readonly watch = new GroupSignalWatch();
  private program: LaunchedProgram | undefined;
  private readonly listeners = new Map<NodeJS.Signals, () => void>();

  constructor() {
    for (const signal of forwarded) {
      const listener = (): void => void this.pass(signal);
      this.listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  to(program: LaunchedProgram): void {
    this.program = program;
  }

  stop(): void {
    for (const [signal, listener] of this.listeners) process.removeListener(signal, listener);
    this.watch.stop();
  }

  private async pass(signal: NodeJS.Signals): Promise<void> {
    if (this.program === undefined) {
      this.stop();
      process.kill(process.pid, signal);
      return;
    }
    if (!(await this.watch.reachedGroup(signal))) this.program.forward(signal);
    this.program.noteSignal(signal);
  }
}
