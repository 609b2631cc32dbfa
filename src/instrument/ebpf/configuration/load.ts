/**
 * What to observe and where to send it, as a configuration of OBI or Beyla says it: a YAML file, and variables of the environment that stand
 * above it. Files in, a selection, routes and the environment of an OTLP exporter out; all problems with their places.
 */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { expandNode } from "../../../config/collector/expand.ts";
import { parseYaml } from "../../../config/collector/yaml-node.ts";
import { nullNode, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import type { Rule, Selection } from "../discovery/selection.ts";
import type { RouteRules } from "../spans/routes.ts";
import { withEnvironment, type Environment } from "./environment.ts";
import { exporterEnvironment } from "./exporter.ts";
import { beylaConfig, type BeylaConfig, type RegexRuleConfig, type RuleConfig } from "./schema.ts";

export interface Observation {
  readonly selection: Selection;
  /** Undefined without a file: paths then stay without a route. */
  readonly routes: RouteRules | undefined;
  /** OTEL_* of an exporter that the configuration sets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface LoadedObservation {
  readonly value: Observation;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

/** @param file undefined for the environment alone */
export async function loadObservation(
  file: { readonly name: string; readonly text: string } | undefined,
  environment: Environment,
): Promise<LoadedObservation> {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  const written = file === undefined ? nullNode : await readFile(file, environment, diagnostics, sources);
  const above = withEnvironment(written, environment);
  diagnostics.push(...above.diagnostics);
  for (const [name, text] of above.sources) sources.set(name, text);
  const { value, diagnostics: problems } = decodeSection(
    beylaConfig,
    above.node,
    file?.name ?? "the environment",
  );
  diagnostics.push(...problems);
  const { routes } = value;
  return {
    value: {
      selection: selectionOf(value),
      routes: file === undefined ? undefined : routesOf(routes),
      environment: exporterEnvironment(value, diagnostics),
    },
    diagnostics,
    sources,
  };
}

async function readFile(
  { name, text }: { readonly name: string; readonly text: string },
  environment: Environment,
  diagnostics: Diagnostic[],
  sources: Map<string, string>,
): Promise<ConfigNode> {
  sources.set(name, text);
  const { value, diagnostics: problems } = parseYaml(text, name);
  diagnostics.push(...problems);
  const node = await expandNode(value, {
    world: { environment, workingDirectory: "." },
    diagnostics,
    sources,
  });
  if (node.kind !== "map" && node.kind !== "null") {
    const place = node.range === undefined ? {} : { range: node.range };
    const message = `cannot read "${name}": expected a map of options`;
    diagnostics.push({ severity: "error", code: "bad-option", message, ...place });
  }
  return node;
}

/** "instrument" hides "services", as in OBI; what stands at the top comes last and needs all that is given there. */
function selectionOf(config: BeylaConfig): Selection {
  const { discovery } = config;
  const globs = discovery.instrument.length > 0;
  const top: Rule = {
    ...(config.open_port === undefined ? {} : { ports: config.open_port }),
    ...(config.auto_target_exe === undefined ? {} : { path: config.auto_target_exe }),
    ...(config.auto_target_language === undefined ? {} : { language: config.auto_target_language }),
    ...(config.executable_path === undefined ? {} : { pathPattern: config.executable_path }),
    ...(config.target_pid.length === 0 ? {} : { pids: config.target_pid }),
  };
  const chosen = globs ? discovery.instrument.map(ruleOf) : discovery.services.map(regexRuleOf);
  const excluded = globs
    ? discovery.exclude_instrument.map(ruleOf)
    : discovery.exclude_services.map(regexRuleOf);
  const byDefault =
    (globs
      ? discovery.default_exclude_instrument?.map(ruleOf)
      : discovery.default_exclude_services?.map(regexRuleOf)) ?? collectors;
  return {
    rules: [...chosen, top].filter(selects),
    exclude: [...excluded, ...byDefault].filter(selects),
    ...(config.service_name === undefined ? {} : { service: config.service_name }),
    ...(config.service_namespace === undefined ? {} : { namespace: config.service_namespace }),
    alsoReporting: !discovery.exclude_otel_instrumented_services,
  };
}

/** Otelier itself and ClickHouse are left alone in any case. */
const collectors: readonly Rule[] = [
  { pathPattern: "(?:^|/)(?:beyla$|obi$|alloy$|ebpf-instrument$|otelcol[^/]*$)" },
];

function selects(rule: Rule): boolean {
  return Object.keys(rule).some((key) => !["name", "namespace", "containersOnly"].includes(key));
}

function ruleOf(config: RuleConfig): Rule {
  return {
    ...common(config),
    ...(config.exe_path === undefined ? {} : { path: config.exe_path }),
  };
}

function regexRuleOf(config: RegexRuleConfig): Rule {
  const pattern = config.exe_path ?? config.exe_path_regexp;
  return { ...common(config), ...(pattern === undefined ? {} : { pathPattern: pattern }) };
}

function common(config: RuleConfig): Rule {
  return {
    ...(config.name === undefined ? {} : { name: config.name }),
    ...(config.namespace === undefined ? {} : { namespace: config.namespace }),
    ...(config.open_ports === undefined ? {} : { ports: config.open_ports }),
    ...(config.languages === undefined ? {} : { language: config.languages }),
    ...(config.target_pids.length === 0 ? {} : { pids: config.target_pids }),
    ...(config.containers_only ? { containersOnly: true } : {}),
  };
}

function routesOf(routes: BeylaConfig["routes"]): RouteRules {
  return {
    patterns: routes.patterns,
    ignoredPatterns: routes.ignored_patterns,
    ignore: routes.ignore_mode,
    unmatched: routes.unmatched,
    wildcard: routes.wildcard_char,
  };
}
