import path from "node:path";
import { messageOf } from "../base/error.ts";
import { directoryAccess, stackAccess, type StorageAccess } from "../stack/storage/access.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";
import { printStorage } from "./print-storage.ts";

const defaultUrl = "http://127.0.0.1:4319";

export const storageCommand: Command = {
  name: "storage",
  summary: "what is kept and what it costs",
  description: [
    "Without a word: bytes and rows by signal, service and attribute key, and what retention drops next.",
    "Asks the running stack. When none runs, --data DIR uses the telemetry that lies there.",
  ].join("\n"),
  options: [
    { name: "url", value: "URL", doc: "where the stack's API is", default: defaultUrl },
    { name: "data", value: "DIR", doc: "use this data directory; for when no stack runs on it" },
    { name: "json", doc: "print JSON (StorageReport of the API)" },
    { name: "top", value: "N", doc: "services and attributes to list", default: "10" },
  ],
  examples: [
    { command: "otelier storage", doc: "what is kept, what costs most, what goes next" },
    { command: "otelier storage --json | jq .upcoming", doc: "for other tools" },
  ],
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  try {
    const access = await openAccess(args, io);
    try {
      return await report(access, args, io);
    } finally {
      await access.close();
    }
  } catch (error) {
    io.stderr.write(`otelier: ${messageOf(error)}\n`);
    return 1;
  }
}

async function openAccess(args: Arguments, io: CommandIo): Promise<StorageAccess> {
  const data = args.value("data");
  if (data === undefined) return stackAccess(args.value("url") ?? defaultUrl, io.stopSignal);
  return directoryAccess(path.resolve(io.workingDirectory, data), io.stopSignal);
}

async function report(access: StorageAccess, args: Arguments, io: CommandIo): Promise<number> {
  const kept = await access.storage();
  const top = Number(args.value("top") ?? "10");
  io.stdout.write(args.flag("json") ? `${JSON.stringify(kept)}\n` : printStorage(kept, top));
  return 0;
}
