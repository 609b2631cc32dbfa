import type { Program } from "./program.ts";
import type { WantedRuntimes } from "./wanted-runtimes.ts";
import { findDotnetAgent } from "./find-dotnet.ts";
import type { FindOptions, FoundAgent } from "./found-agent.ts";
import { findPhpAgent } from "./find-php.ts";
import { findRubyAgent } from "./find-ruby.ts";

/**
 * The agents of .NET, Ruby and PHP, as far as a program wants them. They come from places that Otelier does not download from, so they
 * are used where they are found, and otherwise one line says how to get them.
 */
export async function findAgents(
  wanted: WantedRuntimes,
  program: Program,
  options: FindOptions,
): Promise<readonly FoundAgent[]> {
  const [ruby, php] = await Promise.all([
    wanted.ruby ? findRubyAgent(options) : undefined,
    wanted.php
      ? findPhpAgent(options, program.runtime === "php" ? program.interpreter : undefined)
      : undefined,
  ]);
  const dotnet = wanted.dotnet ? findDotnetAgent(options) : undefined;
  return [dotnet, ruby, php].filter((agent) => agent !== undefined);
}
