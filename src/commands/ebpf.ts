import type { Diagnostic } from "../base/diagnostic.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import { parsePorts } from "../instrument/ebpf/discovery/selection.ts";
import { examineTracing } from "../instrument/ebpf/doctor.ts";
import { observeProcesses } from "../instrument/observe-processes.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";

const defaultEndpoint = "http://127.0.0.1:4318";

export const ebpfCommand: Command = {
  name: "ebpf",
  summary: "observe running programs of any language from outside",
  description: [
    "Observes programs that already run, and those that start later, without touching them: spans of their HTTP/1 requests, as server and",
    "as client, are taken by eBPF from what they read and write; Go programs are traced inside, as `otelier run` does. A process is",
    "observed when it matches any --port, --exe or --pid. Processes that report by themselves with an OpenTelemetry SDK are left alone, and",
    "said. Ends with Ctrl-C, and takes everything out of the kernel again.",
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
  const problems = problemsWith(args, endpoint);
  for (const problem of problems) io.stderr.write(`${printDiagnostic(problem)}\n`);
  if (problems.length > 0) return 2;
  const service = args.value("service-name");
  const refused = await observeProcesses({
    selection: {
      ports: args.values("port").flatMap((text) => parsePorts(text) ?? []),
      executables: args.values("exe"),
      pids: args.values("pid").map(Number),
      ...(service === undefined ? {} : { service }),
    },
    environment: {
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

function problemsWith(args: Arguments, endpoint: string): readonly Diagnostic[] {
  const problem = (message: string, hint: string): Diagnostic => ({
    severity: "error",
    code: "bad-argument",
    message,
    hint,
  });
  const [ports, pids] = [args.values("port"), args.values("pid")];
  const isUrl = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
  const nothing = ports.length + pids.length + args.values("exe").length === 0;
  return [
    ...ports
      .filter((text) => parsePorts(text) === undefined)
      .map((text) => problem(`option "--port" is no port, got "${text}"`, "such as 8080 or 9000-9010")),
    ...pids
      .filter((text) => !/^[1-9]\d{0,9}$/.test(text))
      .map((text) => problem(`option "--pid" is no process id, got "${text}"`, "such as 4711")),
    ...(isUrl
      ? []
      : [
          problem(
            `option "--endpoint" is no http or https URL, got "${endpoint}"`,
            `such as ${defaultEndpoint}`,
          ),
        ]),
    ...(nothing
      ? [
          problem(
            '"ebpf" does not say what to observe',
            "write otelier ebpf --port 8080, or otelier ebpf doctor",
          ),
        ]
      : []),
  ];
}
