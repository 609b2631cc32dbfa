/**
 * The configuration of OpenTelemetry eBPF Instrumentation (OBI) and Grafana Beyla as far as it is followed here: keys as in OBI's
 * pkg/obi/config.go and pkg/appolly/services, and Beyla's older names. What is accepted without effect says why.
 */
import { bool, duration, enumOf, int, list, raw, section, text } from "../../../pipeline/settings/options.ts";
import type { Fields, RawOption, Section } from "../../../pipeline/settings/schema.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import type { PortRange } from "../discovery/selection.ts";
import { pattern, ports, refused, word } from "./options.ts";

export interface RuleConfig {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly open_ports: readonly PortRange[] | undefined;
  readonly exe_path: string | undefined;
  readonly languages: string | undefined;
  readonly target_pids: readonly number[];
  readonly containers_only: boolean;
}

export interface RegexRuleConfig extends RuleConfig {
  readonly exe_path_regexp: string | undefined;
}

export const unmatchedModes = ["heuristic", "low-cardinality", "path", "wildcard", "unset"] as const;
export const ignoreModes = ["all", "traces", "metrics"] as const;

export interface RoutesConfig {
  readonly patterns: readonly string[];
  readonly ignored_patterns: readonly string[];
  readonly ignore_mode: (typeof ignoreModes)[number];
  readonly unmatched: (typeof unmatchedModes)[number];
  readonly wildcard_char: string;
}

interface ExportConfig {
  readonly endpoint: string | undefined;
  readonly protocol: string | undefined;
  readonly interval: number | undefined;
}

/** What is observed and how it is called. */
export interface ObservedConfig {
  readonly open_port: readonly PortRange[] | undefined;
  readonly auto_target_exe: string | undefined;
  readonly auto_target_language: string | undefined;
  readonly target_pid: readonly number[];
  readonly executable_path: string | undefined;
  readonly service_name: string | undefined;
  readonly service_namespace: string | undefined;
  readonly discovery: {
    readonly instrument: readonly RuleConfig[];
    readonly services: readonly RegexRuleConfig[];
    readonly exclude_instrument: readonly RuleConfig[];
    readonly exclude_services: readonly RegexRuleConfig[];
    readonly default_exclude_instrument: readonly RuleConfig[] | undefined;
    readonly default_exclude_services: readonly RegexRuleConfig[] | undefined;
    readonly exclude_otel_instrumented_services: boolean;
  };
  readonly routes: RoutesConfig;
}

export interface BeylaConfig extends ObservedConfig {
  readonly otel_traces_export: ExportConfig;
  readonly otel_metrics_export: ExportConfig;
}

export type Ignored = Readonly<Record<string, RawOption<ConfigNode | undefined>>>;

/** Keys that are accepted without effect, and why. */
export function ignoring(reason: string, names: string): Ignored {
  return Object.fromEntries(names.split(" ").map((name) => [name, raw({ doc: reason, ignored: reason })]));
}

const tuning = "it tunes the inside of another tracer";
const sampling = "spans are sampled by their callers; use a sampling processor behind";
const named = "k8s_namespace k8s_pod_name k8s_deployment_name k8s_replicaset_name k8s_daemonset_name".split(
  " ",
);
const more = "k8s_statefulset_name k8s_job_name k8s_cronjob_name k8s_owner_name k8s_container_name".split(
  " ",
);

const ruleFields = {
  name: word("service name of what matches"),
  namespace: word("service.namespace of what matches"),
  open_ports: ports("TCP ports on which the process listens"),
  exe_path: word("path of the executable, a glob"),
  languages: word("language, a glob: {python,nodejs}"),
  target_pids: list(int({ doc: "process id", min: 1, required: true }), { doc: "process ids" }),
  containers_only: bool({ default: false, doc: "only processes in containers" }),
  ...ignoring("traces and metrics of every process are sent", "exports"),
  ...ignoring(sampling, "sampler"),
  ...ignoring('routes are those of the top-level "routes"', "routes"),
  ...ignoring("every process has the same metrics", "metrics"),
  ...Object.fromEntries(
    [...named, ...more, "k8s_pod_labels", "k8s_pod_annotations"].map((name) => [
      name,
      refused("cannot be followed: Kubernetes is not asked, so it would select too much"),
    ]),
  ),
};

const rule: Section<RuleConfig> = section<RuleConfig>(ruleFields, { doc: "processes that have all of this" });
const regexRule: Section<RegexRuleConfig> = section<RegexRuleConfig>(
  {
    ...ruleFields,
    exe_path: pattern("path of the executable, a regular expression"),
    exe_path_regexp: pattern("path of the executable, a regular expression"),
  },
  { doc: "processes that have all of this" },
);

const exportFields = {
  endpoint: word("URL of the OTLP receiver"),
  protocol: word("http/protobuf or grpc; by default what the port stands for"),
  interval: duration({ doc: "time between two exports of metrics" }),
  ...ignoring("certificates are always verified", "insecure_skip_verify"),
  ...ignoring("every protocol that is known is followed", "instrumentations"),
  ...ignoring(sampling, "sampler"),
  ...ignoring("histograms are explicit, with the bounds of the conventions", "buckets histogram_aggregation"),
  ...ignoring("the service graph is derived from spans", "features allow_service_graph_self_references"),
  ...ignoring("series live as long as their process", "ttl"),
  ...ignoring("resources are sent whole", "extra_span_resource_attributes"),
  ...ignoring(tuning, "max_queue_size batch_timeout batch_max_size queue_size reporters_cache_len"),
  ...ignoring(
    tuning,
    "backoff_initial_interval backoff_max_interval backoff_max_elapsed_time otel_sdk_log_level",
  ),
};

export const observedFields: Fields<ObservedConfig> = {
  open_port: ports("TCP ports on which the process listens"),
  auto_target_exe: word("path of the executable, a glob"),
  auto_target_language: word("language, a glob"),
  target_pid: list(int({ doc: "process id", min: 1, required: true }), { doc: "process ids" }),
  executable_path: {
    ...pattern("path of the executable, a regular expression"),
    deprecatedName: "executable_name",
  },
  service_name: word("service name of processes without one of their own"),
  service_namespace: word("service.namespace of processes without one of their own"),
  discovery: section<ObservedConfig["discovery"]>({
    instrument: list(rule, { doc: "what is observed; in order, the first that matches names the service" }),
    services: list(regexRule, { doc: 'the same with regular expressions; not used beside "instrument"' }),
    exclude_instrument: list(rule, { doc: "what is not observed" }),
    exclude_services: list(regexRule, {
      doc: 'the same with regular expressions; not used beside "instrument"',
    }),
    default_exclude_instrument: {
      ...list(rule, { doc: "instead of collectors and other tracers" }),
      default: undefined,
    },
    default_exclude_services: {
      ...list(regexRule, { doc: "instead of collectors and other tracers" }),
      default: undefined,
    },
    exclude_otel_instrumented_services: bool({ default: true, doc: "leave alone what reports by itself" }),
    ...ignoring(tuning, "poll_interval skip_go_specific_tracers bpf_pid_filter_off default_otlp_grpc_port"),
    ...ignoring(tuning, "min_process_age exclude_otel_instrumented_services_span_metrics"),
    ...ignoring(
      "routes are those that are written",
      "route_harvester_timeout disabled_route_harvesters route_harvester_advanced",
    ),
    ...ignoring("what is not observed is not told of", "survey system_wide"),
  }),
  routes: section<RoutesConfig>({
    patterns: list(text({ doc: "path", required: true }), {
      doc: "paths with :name, {name} or * as segments",
    }),
    ignored_patterns: list(text({ doc: "path", required: true }), { doc: "paths of which nothing is told" }),
    ignore_mode: enumOf(ignoreModes, { default: "all", doc: "what is not told of ignored paths" }),
    unmatched: enumOf(unmatchedModes, { default: "heuristic", doc: "http.route of other paths" }),
    wildcard_char: text({ default: "*", doc: "stands for a segment that differs" }),
    ...ignoring('"low-cardinality" is the heuristic here', "max_path_segment_cardinality"),
  }),
};

/** The other sections of both tracers. */
export const ignoredFields: Ignored = {
  ...ignoring("spans and metrics have the attributes of the semantic conventions", "attributes"),
  ...ignoring("use a filter processor behind", "filter"),
  ...ignoring("only requests are observed", "network stats"),
  ...ignoring("addresses stay as they are", "name_resolver"),
  ...ignoring("metrics are sent by OTLP", "prometheus_export"),
  ...ignoring("spans are sent by OTLP; the debug exporter prints them", "trace_printer print_traces"),
  ...ignoring("set otel_traces_export.endpoint and OTEL_EXPORTER_OTLP_HEADERS", "grafana"),
  ...ignoring("every process has the same metrics", "metrics"),
  ...ignoring(
    "what happens and what is lost is said in lines of text",
    "log_level log_format log_config internal_metrics",
  ),
  ...ignoring("what is missing is said, and nothing is observed then", "enforce_sys_caps"),
  ...ignoring("it ends within seconds", "shutdown_timeout"),
  ...ignoring("there is none", "profile_port health_check"),
  ...ignoring("nothing is put into processes", "nodejs javaagent"),
  ...ignoring(tuning, "ebpf channel_buffer_len channel_send_timeout channel_send_timeout_panic"),
};

export const beylaConfig: Section<BeylaConfig> = section<BeylaConfig>({
  ...observedFields,
  otel_traces_export: section<ExportConfig>(exportFields),
  otel_metrics_export: section<ExportConfig>(exportFields),
  ...ignoredFields,
});
