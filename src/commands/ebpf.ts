import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import { fileProblem } from "../base/file-problem.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import { parsePorts, type Rule } from "../instrument/ebpf/discovery/selection.ts";
import { examineTracing } from "../instrument/ebpf/doctor.ts";
import { observeProcesses } from "../instrument/observe-processes.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";

const defaultEndpoint = "http://127.0.0.1:4318";
const processId = /^[1-9]\d{0,9}$/;

export const ebpfCommand: Command = {
  name: "ebpf",
  summary: "observe running programs of any language from outside",
  description: [
    "Observes programs that already run, and those that start later, without touching them: spans and metrics of what they ask and answer",
    "by HTTP, gRPC, DNS, Kafka, PostgreSQL, MySQL and Redis are taken by eBPF from what they read and write; Go programs are traced inside, as",
    "`otelier run` does. A process is observed when it matches any --port, --exe or --pid, or a rule of --config. Processes that report by",
    "themselves with an OpenTelemetry SDK are left alone, and said. Ends with Ctrl-C, and takes everything out of the kernel again.",
    "",
    "Needs Linux 5.8 or newer and privileges. `otelier ebpf doctor` loads the real programs for Go into the kernel, attaches one, lets go",
    "of them, and says what is missing and how to get it.",
  ].join("\n"),
  options: [
    {
      name: "port",
      value: "PORT",
      doc: "programs that listen on this TCP port, or range: 9000-9010",
      repeat: true,
    },
    {
      name: "exe",
      value: "GLOB",
      doc: "programs whose executable has this name or path: 'shop-*'",
      repeat: true,
    },
    { name: "pid", value: "PID", doc: "the process with this id", repeat: true },
    {
      name: "config",
      value: "FILE",
      doc: "configuration of OpenTelemetry eBPF Instrumentation (OBI) or Beyla; their variables (OTEL_EBPF_*, BEYLA_*) stand above it",
    },
    {
      name: "service-name",
      value: "NAME",
      doc: "of programs without OTEL_SERVICE_NAME; else the executable's name",
    },
    {
      name: "endpoint",
      value: "URL",
      doc: "OTLP/HTTP receiver, unless OTEL_EXPORTER_OTLP_ENDPOINT is set",
      default: defaultEndpoint,
    },
  ],
  subcommands: { doctor: "try it, and say what is missing" },
  examples: [
    { command: "sudo otelier ebpf --port 8080", doc: "whatever serves on port 8080, now or later" },
    {
      command: "sudo otelier ebpf --exe 'shop-*' --exe nginx --service-name shop",
      doc: "by the name of the executable",
    },
    { command: "sudo otelier ebpf --config beyla.yaml", doc: "as a configuration of OBI or Beyla says it" },
    { command: "otelier ebpf doctor", doc: "one line, and what to do" },
  ],
  exitCodes: { 1: "nothing can be traced here" },
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  return args.subcommand === "doctor" ? doctor(io) : observe(args, io);
}

async function doctor(io: CommandIo): Promise<number> {
  const { possible, line, limits } = await examineTracing();
  io.stdout.write(`${[line, ...limits.map((limit) => `note: ${limit}`)].join("\n")}\n`);
  return possible ? 0 : 1;
}

async function observe(args: Arguments, io: CommandIo): Promise<number> {
  const endpoint = args.value("endpoint") ?? defaultEndpoint;
  const file = await readConfiguration(args, io);
  const { loadObservation } = await import("../instrument/ebpf/configuration/load.ts");
  const { value, diagnostics, sources } =
    "problem" in file
      ? { value: undefined, diagnostics: [file.problem], sources: undefined }
      : await loadObservation(file.read, io.environment);
  const rules = [...rulesOf(args), ...(value?.selection.rules ?? [])];
  const problems = [...diagnostics, ...problemsWith(args, endpoint)];
  if (rules.length === 0 && !hasErrors(problems)) problems.push(nothingChosen);
  for (const problem of problems) {
    io.stderr.write(`${printDiagnostic(problem, sources === undefined ? {} : { sources })}\n`);
  }
  if (value === undefined || hasErrors(problems)) return 2;
  const service = args.value("service-name") ?? value.selection.service;
  const refused = await observeProcesses({
    selection: { ...value.selection, rules, ...(service === undefined ? {} : { service }) },
    routes: value.routes,
    environment: {
      ...value.environment,
      ...io.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: io.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] || endpoint,
    },
    stopSignal: io.stopSignal,
    onReport: (line) => io.stderr.write(`${line}\n`),
  });
  if (refused === undefined) return 0;
  io.stderr.write(`otelier: nothing is observed: ${refused}\n`);
  return 1;
}

/** The file of --config, or that which the other tracers' variables name. */
async function readConfiguration(
  args: Arguments,
  io: CommandIo,
): Promise<{ readonly read: { name: string; text: string } | undefined } | { readonly problem: Diagnostic }> {
  const { environment, workingDirectory } = io;
  const name =
    args.value("config") ?? (environment["OTEL_EBPF_CONFIG_PATH"] || environment["BEYLA_CONFIG_PATH"]);
  if (name === undefined || name === "") return { read: undefined };
  try {
    return { read: { name, text: await readFile(path.resolve(workingDirectory, name), "utf8") } };
  } catch (error) {
    const message = `cannot read configuration "${name}": ${fileProblem(error)}`;
    return { problem: { severity: "error", code: "no-configuration", message } };
  }
}

/** Each kind of option selects for itself. */
function rulesOf(args: Arguments): readonly Rule[] {
  const ports = args.values("port").flatMap((text) => parsePorts(text) ?? []);
  const executables = args.values("exe");
  const pids = args.values("pid").map(Number);
  return [
    ...(ports.length === 0 ? [] : [{ ports }]),
    ...(executables.length === 0 ? [] : [{ executables }]),
    ...(pids.length === 0 ? [] : [{ pids }]),
  ];
}

const nothingChosen: Diagnostic = {
  severity: "error",
  code: "bad-argument",
  message: '"ebpf" does not say what to observe',
  hint: "write otelier ebpf --port 8080, --config FILE, or otelier ebpf doctor",
};

function problemsWith(args: Arguments, endpoint: string): readonly Diagnostic[] {
  const problem = (message: string, hint: string): Diagnostic => ({
    severity: "error",
    code: "bad-argument",
    message,
    hint,
  });
  const [ports, pids] = [args.values("port"), args.values("pid")];
  const isUrl = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
  return [
    ...ports
      .filter((text) => parsePorts(text) === undefined)
      .map((text) => problem(`option "--port" is no port, got "${text}"`, "such as 8080 or 9000-9010")),
    ...pids
      .filter((text) => !processId.test(text))
      .map((text) => problem(`option "--pid" is no process id, got "${text}"`, "such as 4711")),
    ...pids
      .filter((text) => processId.test(text) && process.platform === "linux")
      .filter((pid) => !existsSync(`/proc/${pid}`))
      .map((pid) => problem(`there is no process ${pid}`, "of one that is to come give --port or --exe")),
    ...(isUrl
      ? []
      : [
          problem(
            `option "--endpoint" is no http or https URL, got "${endpoint}"`,
            `such as ${defaultEndpoint}`,
          ),
        ]),
  ];
}
