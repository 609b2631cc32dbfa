import { collectorCommand } from "./collector.ts";
import type { Command } from "./command.ts";
import { runCommand } from "./run.ts";
import { setupCommand } from "./setup.ts";

/** All commands, in the order in which help lists them. Adding one is one file and one line here. */
export const commands: readonly Command[] = [runCommand, collectorCommand, setupCommand];
