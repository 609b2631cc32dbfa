import { collectorCommand } from "./collector.ts";
import type { Command } from "./command.ts";
import { ebpfCommand } from "./ebpf.ts";
import { queryCommand } from "./query.ts";
import { runCommand } from "./run.ts";
import { setupCommand } from "./setup.ts";
import { storageCommand } from "./storage.ts";
import { upCommand } from "./up.ts";

/** All commands, in the order in which help lists them. Adding one is one file and one line here. */
export const commands: readonly Command[] = [
  upCommand,
  runCommand,
  collectorCommand,
  ebpfCommand,
  queryCommand,
  storageCommand,
  setupCommand,
];
