/**
 * The environment that instruments a program and everything that it starts: every runtime's hook at once (each is inert in the
 * others), and the settings of the OpenTelemetry agents. What the user has set wins; lists and search paths are merged.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import type { FoundAgent } from "./found-agent.ts";
import { javaAgentJar, javaHook } from "./java/agent.ts";
import { nodeAgentFolder, nodePreload } from "./node/agent.ts";
import { mergeNodeOptions } from "./node-options.ts";
import { pythonAgentsFolder, pythonHookFolder } from "./python/agent.ts";
import type { ServiceName } from "./service-name.ts";

export interface InstrumentedOptions {
  /** The user's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Base URL of an OTLP receiver, such as http://127.0.0.1:4318. */
  readonly endpoint: string;
  readonly service: ServiceName;
  /** The agent cache, see `cacheFolder`. */
  readonly cache: string;
  readonly cwd: string;
  /** Marks everything of one run; 16 hexadecimal digits. */
  readonly runId?: string;
  /** Where hooks report to and leave their last requests, see `RunFolder`. */
  readonly runFolder?: string;
  /** Agents that are switched on by variables of their own. */
  readonly found?: readonly FoundAgent[];
}

/** Only the variables that are set or changed, in the order in which they are shown. */
export function instrumentedEnvironment(options: InstrumentedOptions): Readonly<Record<string, string>> {
  const { environment: user, cache } = options;
  const given = (name: string): string | undefined => (user[name] === "" ? undefined : user[name]);
  const set: Record<string, string> = {};
  const setUnlessGiven = (name: string, value: string): void => {
    if (given(name) === undefined) set[name] = value;
  };

  setUnlessGiven("OTEL_SERVICE_NAME", options.service.name);
  if (options.service.inferred && given("OTEL_SERVICE_NAME") === undefined)
    set["OTELIER_NAME_INFERRED_IN"] = options.cwd;
  if (options.runId !== undefined) {
    set["OTEL_RESOURCE_ATTRIBUTES"] = merged(given("OTEL_RESOURCE_ATTRIBUTES"), [
      `otelier.run.id=${options.runId}`,
    ]);
  }
  setUnlessGiven("OTEL_EXPORTER_OTLP_ENDPOINT", options.endpoint);
  setUnlessGiven("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
  for (const signal of ["TRACES", "METRICS", "LOGS"]) setUnlessGiven(`OTEL_${signal}_EXPORTER`, "otlp");
  set["OTEL_SEMCONV_STABILITY_OPT_IN"] = merged(
    given("OTEL_SEMCONV_STABILITY_OPT_IN"),
    stableConventions(given("OTEL_SEMCONV_STABILITY_OPT_IN")),
  );
  // Together: an SDK of the program's own may refuse to start with an interval that is shorter than the timeout, 30 s by default.
  if (
    given("OTEL_METRIC_EXPORT_TIMEOUT") === undefined &&
    given("OTEL_METRIC_EXPORT_INTERVAL") === undefined
  ) {
    set["OTEL_METRIC_EXPORT_INTERVAL"] = set["OTEL_METRIC_EXPORT_TIMEOUT"] = "5000";
  }
  setUnlessGiven("OTEL_BSP_SCHEDULE_DELAY", "1000");
  setUnlessGiven("OTEL_BLRP_SCHEDULE_DELAY", "1000");
  setUnlessGiven("OTEL_NODE_RESOURCE_DETECTORS", "env,host,os,process,serviceinstance,container");
  // Lines of a program that writes to a pipe appear when they are written, as in a terminal.
  setUnlessGiven("PYTHONUNBUFFERED", "1");

  set["NODE_OPTIONS"] = mergeNodeOptions(given("NODE_OPTIONS"), nodePreload);
  set["OTELIER_NODE_AGENT"] = nodeAgentFolder(cache);
  set["PYTHONPATH"] = [pythonHookFolder, ...searchPath(given("PYTHONPATH"), pythonHookFolder)].join(
    path.delimiter,
  );
  set["OTELIER_PYTHON_AGENTS"] = pythonAgentsFolder(cache);
  Object.assign(set, java(cache, given), ...(options.found ?? []).map((agent) => agent.variables));
  if (options.runFolder !== undefined) set["OTELIER_RUN_DIR"] = options.runFolder;
  return set;
}

/** The JVM splits the variable at blanks and knows single and double quotes, but no way to write one within the other. */
function java(cache: string, given: (name: string) => string | undefined): Record<string, string> {
  if (!existsSync(javaHook)) return {};
  const own = `-javaagent:${javaHook}`;
  const quoted = /\s/.test(own) ? `"${own}"` : own;
  const options = given("JAVA_TOOL_OPTIONS");
  return {
    JAVA_TOOL_OPTIONS:
      options?.includes(own) === true
        ? options
        : [options, quoted].filter((part) => part !== undefined).join(" "),
    OTELIER_JAVA_AGENT: javaAgentJar(cache),
  };
}

/** The user may have chosen "http/dup" or "database/dup", which emit both generations of names. */
function stableConventions(given: string | undefined): readonly string[] {
  const chosen = (given ?? "").split(",").map((word) => word.trim());
  return ["http", "database"].filter((area) => !chosen.includes(`${area}/dup`));
}

/** A comma-separated list with words added that are not in it. */
function merged(given: string | undefined, added: readonly string[]): string {
  const words = (given ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return [...words, ...added.filter((word) => !words.includes(word))].join(",");
}

function searchPath(given: string | undefined, own: string): readonly string[] {
  return (given ?? "").split(path.delimiter).filter((entry) => entry !== "" && entry !== own);
}
