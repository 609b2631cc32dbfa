import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nearestName } from "../../../base/nearest.ts";
import {
  nodeAt,
  type ConfigNode,
  type MapEntry,
  type MapNode,
} from "../../../pipeline/settings/config-node.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the value of a variable stands in the file: names without their prefix BEYLA_ or OTEL_EBPF_. */
const paths: ReadonlyMap<string, readonly string[]> = new Map([
  ["OPEN_PORT", ["open_port"]],
  ["AUTO_TARGET_EXE", ["auto_target_exe"]],
  ["AUTO_TARGET_LANGUAGE", ["auto_target_language"]],
  ["TARGET_PID", ["target_pid"]],
  ["EXECUTABLE_PATH", ["executable_path"]],
  ["EXECUTABLE_NAME", ["executable_path"]],
  ["SERVICE_NAME", ["service_name"]],
  ["SERVICE_NAMESPACE", ["service_namespace"]],
  ["EXCLUDE_OTEL_INSTRUMENTED_SERVICES", ["discovery", "exclude_otel_instrumented_services"]],
  ["METRICS_INTERVAL", ["otel_metrics_export", "interval"]],
]);

/** Those that the other tracers know and that have no effect here, by the beginnings of their names. */
const withoutEffect = new RegExp(
  `^(?:${[
    "LOG_|TRACE_PRINTER$|PRINT_TRACES$|NOOP_|SHUTDOWN_TIMEOUT$|ENFORCE_SYS_CAPS$|CHANNEL_|PROFILE_PORT$|CONFIG_PATH$",
    "BPF_|NETWORK_|STATS_|PROMETHEUS_|KUBE_|INTERNAL_|OTLP_|OTEL_SDK_|SDK_|HOST_ID|HOSTNAME|INSTANCE_|NAME_RESOLVER_|HEALTH_CHECK_",
    "METRICS_|METRIC_|TRACES_|METER_|BACKOFF_|INSECURE_|RENAME_|EXTRA_|ALLOW_|NODEJS_|JAVAAGENT_|JAVA_|DISCOVERY_|SKIP_|MIN_|ROUTE_",
    "EXCLUDE_OTEL_|DEFAULT_|HEURISTIC_|HTTP_|INSTRUMENT_CUDA|PROTOCOL_|OVERRIDE_|FORCE_|SYSTEM_WIDE|SURVEY|MAX_|TRACK_|DNS_",
  ].join("|")})`,
);

/** Names of OpenTelemetry that both tracers follow; their own stand above. */
const standard: ReadonlyMap<string, readonly string[]> = new Map([
  ["OTEL_SERVICE_NAME", ["service_name"]],
  ["OTEL_GO_AUTO_TARGET_EXE", ["auto_target_exe"]],
]);

const prefixes = ["BEYLA_", "OTEL_EBPF_"];

/** The file with what the environment says above it; variables of the two prefixes that nobody knows are problems. */
export function withEnvironment(
  file: ConfigNode,
  environment: Environment,
): {
  readonly node: MapNode;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
} {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  let node: MapNode = file.kind === "map" ? file : { kind: "map", entries: new Map() };
  for (const [name, at] of standard) {
    const value = environment[name];
    if (value === undefined || value === "" || nodeAt(node, ...at) !== undefined) continue;
    node = withValue(node, at, scalarOf(value, `environment variable ${name}`));
  }
  for (const [name, value] of Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const prefix = prefixes.find((each) => name.startsWith(each));
    if (prefix === undefined || value === undefined || value === "") continue;
    const short = name.slice(prefix.length);
    const at = paths.get(short);
    const source = `environment variable ${name}`;
    if (at !== undefined) {
      sources.set(source, value);
      node = withValue(node, at, scalarOf(value, source));
    } else if (!withoutEffect.test(short)) {
      const near = nearestName(short, paths.keys());
      diagnostics.push({
        severity: "error",
        code: "unknown-option",
        message: `the environment variable "${name}" is known to no tracer`,
        ...(near === undefined ? {} : { hint: `did you mean "${prefix}${near}"?` }),
      });
    } else if (short !== "CONFIG_PATH") {
      const message = `the environment variable "${name}" has no effect here`;
      diagnostics.push({ severity: "warning", code: "option-without-effect", message });
    }
  }
  return { node, diagnostics, sources };
}

function withValue(node: MapNode, [key, ...rest]: readonly string[], value: ConfigNode): MapNode {
  if (key === undefined) return node;
  const entries = new Map<string, MapEntry>(node.entries);
  const below = entries.get(key)?.value;
  const inner: MapNode = below?.kind === "map" ? below : { kind: "map", entries: new Map() };
  entries.set(key, { value: rest.length === 0 ? value : withValue(inner, rest, value) });
  return { ...node, entries };
}

function scalarOf(text: string, file: string): ConfigNode {
  const range = { file, start: 0, end: text.length };
  const value = text === "true" || text === "false" ? text === "true" : text;
  return { kind: "scalar", value, text, fromText: true, range };
}
