import { examineTracing } from "../instrument/ebpf/doctor.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";

export const ebpfCommand: Command = {
  name: "ebpf",
  summary: "find out whether this machine lets Go programs be traced",
  description: [
    "Go programs are traced by eBPF, from outside: `otelier run -- ./program` does so by itself. That needs Linux 5.8 or newer and",
    "privileges. `otelier ebpf doctor` loads the real programs into the kernel, attaches one, lets go of them, and says what is missing",
    "and how to get it.",
  ].join("\n"),
  options: [],
  subcommands: { doctor: "try it, and say what is missing" },
  examples: [{ command: "otelier ebpf doctor", doc: "one line, and what to do" }],
  exitCodes: { 1: "Go programs cannot be traced here" },
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  if (args.subcommand !== "doctor") {
    io.stderr.write('otelier: "ebpf" needs a subcommand: otelier ebpf doctor\n');
    return 2;
  }
  const { possible, line, limits } = await examineTracing();
  io.stdout.write(`${[line, ...limits.map((limit) => `note: ${limit}`)].join("\n")}\n`);
  return possible ? 0 : 1;
}
