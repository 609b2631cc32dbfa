import type { Diagnostic } from "../../base/diagnostic.ts";
import type { ConfigNode } from "../settings/config-node.ts";
import { bool, enumOf, int, list, optionalSection, raw, section, text } from "../settings/options.ts";
import type { Section } from "../settings/schema.ts";
import { compileRegexp } from "./regexp.ts";

export interface AttributeMatch {
  readonly key: string;
  readonly value: ConfigNode | undefined;
}

/** `include` or `exclude` of a processor, as written. */
export interface MatchConfig {
  readonly match_type: "strict" | "regexp";
  readonly regexp: { readonly cacheenabled: boolean; readonly cachemaxnumentries: number } | undefined;
  readonly services: readonly string[];
  readonly span_names: readonly string[];
  readonly span_kinds: readonly string[];
  readonly log_bodies: readonly string[];
  readonly log_severity_texts: readonly string[];
  readonly log_severity_number: { readonly min: number; readonly match_undefined: boolean } | undefined;
  readonly metric_names: readonly string[];
  readonly attributes: readonly AttributeMatch[];
  readonly resources: readonly AttributeMatch[];
  readonly libraries: readonly { readonly name: string; readonly version: string | undefined }[];
}

const attributeMatch = section<AttributeMatch>({
  key: text({ required: true, doc: "key of the attribute" }),
  value: raw({ doc: "value it must have; any when absent" }),
});
const names = (doc: string): ReturnType<typeof list<string>> =>
  list(text({ required: true, doc: "a name" }), { doc });

/** The section `include` or `exclude`; off until written. */
export function matchOption(doc: string): Section<MatchConfig | undefined> {
  return optionalSection<MatchConfig>(
    {
      match_type: enumOf(["strict", "regexp"], {
        required: true,
        doc: "how names and text values are compared",
      }),
      regexp: optionalSection(
        {
          cacheenabled: bool({ default: false, doc: "remember results" }),
          cachemaxnumentries: int({ default: 0, doc: "most results to remember" }),
        },
        { doc: "how expressions are run", ignored: "expressions run in linear time without a cache" },
      ),
      services: names("service names; one must match (spans)"),
      span_names: names("span names; one must match"),
      span_kinds: names("span kinds; one must match: SPAN_KIND_SERVER, ..."),
      log_bodies: names("text bodies of log records; one must match"),
      log_severity_texts: names("severity texts; one must match"),
      log_severity_number: optionalSection(
        {
          min: int({ default: 0, min: 0, max: 24, doc: "lowest severity number that matches" }),
          match_undefined: bool({ default: false, doc: "records without a severity match" }),
        },
        { doc: "severity of log records" },
      ),
      metric_names: names("metric names; one must match"),
      attributes: list(attributeMatch, { doc: "attributes of the item; all must match" }),
      resources: list(attributeMatch, { doc: "attributes of the resource; all must match" }),
      libraries: list(
        section({
          name: text({ required: true, doc: "name of the instrumentation scope" }),
          version: text({ doc: "its version; any when absent" }),
        }),
        { doc: "instrumentation scopes; one must match" },
      ),
    },
    { doc },
  );
}

/** Problems beyond the types: nothing to match by, expressions that do not compile. `path` is "include" or "exclude". */
export function checkMatch(
  config: MatchConfig | undefined,
  path: string,
  node: ConfigNode | undefined,
): Diagnostic[] {
  if (config === undefined) return [];
  const range = node?.range;
  const place = range === undefined ? {} : { range };
  const lists = [
    config.services,
    config.span_names,
    config.span_kinds,
    config.log_bodies,
    config.log_severity_texts,
    config.metric_names,
  ];
  const diagnostics: Diagnostic[] = [];
  const others = config.attributes.length + config.resources.length + config.libraries.length;
  if (
    others === 0 &&
    config.log_severity_number === undefined &&
    lists.every((values) => values.length === 0)
  ) {
    diagnostics.push({
      severity: "error",
      code: "empty-match",
      message: `cannot use "${path}": at least one of "services", "span_names", "attributes", "libraries" or "resources" field must be specified`,
      ...place,
    });
  }
  if (config.match_type === "strict") return diagnostics;
  for (const source of lists.flat()) {
    const compiled = compileRegexp(source);
    if (!("problem" in compiled)) continue;
    diagnostics.push({
      severity: "error",
      code: "bad-regexp",
      message: `cannot use "${source}" in "${path}": ${compiled.problem}`,
      ...place,
    });
  }
  return diagnostics;
}
