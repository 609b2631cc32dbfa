import type { ProgressOutput } from "./progress.ts";

export interface InstallOptions {
  /** The agent cache, see `cacheFolder`. */
  readonly cache: string;
  /** The user's environment: proxies, registries and indexes of npm and pip are respected. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: ProgressOutput;
}
