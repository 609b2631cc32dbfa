import type { Rule, Selection } from "../discovery/selection.ts";
import type { RouteRules } from "../spans/routes.ts";
import type { ObservedConfig, RegexRuleConfig, RuleConfig } from "./schema.ts";

/** "instrument" hides "services", as in OBI; what stands at the top comes last and needs all that is given there. */
export function selectionOf(config: ObservedConfig): Selection {
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

export function routesOf({ routes }: ObservedConfig): RouteRules {
  return {
    patterns: routes.patterns,
    ignoredPatterns: routes.ignored_patterns,
    ignore: routes.ignore_mode,
    unmatched: routes.unmatched,
    wildcard: routes.wildcard_char,
  };
}
