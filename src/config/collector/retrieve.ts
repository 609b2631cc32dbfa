import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "../../base/error.ts";
import { fileProblem } from "../../base/file-problem.ts";
import { printLocation } from "./location.ts";
import type { Location } from "./location.ts";

/** The world that configuration is read from; tests give their own. */
export interface ConfigWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

export type Retrieved =
  | {
      readonly text: string;
      /** Name of the source in diagnostics; files by path, so that code frames can be shown. */
      readonly file: string;
      /** Something to tell although it worked. */
      readonly warning?: string;
    }
  | { readonly problem: string };

const maxBytes = 16 * 1024 * 1024;
const fetchTimeoutMs = 30_000;

/** Fetches the text behind a location. Never rejects. */
export async function retrieve(location: Location, world: ConfigWorld): Promise<Retrieved> {
  switch (location.scheme) {
    case "env":
      return readEnvironment(location.value, world);
    case "yaml":
      return { text: location.value, file: "yaml" };
    case "file":
      return readConfigFile(location.value, world);
    default:
      return fetchText(printLocation(location));
  }
}

const namePattern = "^[a-zA-Z_][a-zA-Z0-9_]*$";

/** `NAME` or `NAME:-default`; the default counts only when NAME is unset (core confmap/provider/envprovider). */
function readEnvironment(value: string, { environment }: ConfigWorld): Retrieved {
  const at = value.indexOf(":-");
  const name = at === -1 ? value : value.slice(0, at);
  const file = `environment variable ${name}`;
  if (!new RegExp(namePattern).test(name)) {
    return { problem: `environment variable "${name}" has invalid name: must match regex ${namePattern}` };
  }
  const found = environment[name];
  if (found !== undefined) return { text: found, file };
  if (at !== -1) return { text: value.slice(at + 2), file };
  return { text: "", file, warning: `environment variable "${name}" is not set and read as empty` };
}

async function readConfigFile(path: string, { workingDirectory }: ConfigWorld): Promise<Retrieved> {
  try {
    const text = await readFile(resolve(workingDirectory, path), "utf8");
    return { text: text.startsWith("\uFEFF") ? text.slice(1) : text, file: path };
  } catch (error) {
    return { problem: `cannot read "${path}": ${fileProblem(error)}` };
  }
}

async function fetchText(url: string): Promise<Retrieved> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
    if (!response.ok) return { problem: `cannot fetch "${url}": status ${response.status}` };
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) return { problem: `cannot fetch "${url}": larger than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
    return { text: Buffer.concat(chunks).toString("utf8"), file: url };
  } catch (error) {
    return { problem: `cannot fetch "${url}": ${messageOf(error)}` };
  }
}
