import type { Labels } from "../component.ts";
import type { MetricFamily } from "./registry.ts";

/** Content type of what `printPrometheusText` makes. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

export interface PrometheusTextOptions {
  /** Add unit and "_total" to names, as for readers that the user configures. */
  readonly suffixes?: boolean;
}

/**
 * Prometheus' text format, as the Collector's built-in reader writes it: no unit and no "_total" added to names (service/telemetry, the default
 * Prometheus reader). Ends with a line break unless empty.
 */
export function printPrometheusText(
  families: readonly MetricFamily[],
  options: PrometheusTextOptions = {},
): string {
  const lines: string[] = [];
  for (const family of families) {
    const { kind, doc, series } = family;
    if (series.length === 0) continue;
    const name = options.suffixes === true ? suffixed(family) : family.name;
    lines.push(`# HELP ${name} ${escape(doc)}`, `# TYPE ${name} ${kind}`);
    for (const entry of series) {
      if (!("histogram" in entry)) {
        lines.push(`${name}${printLabels(entry.labels)} ${printNumber(entry.value)}`);
        continue;
      }
      const { bounds, counts, sum, count } = entry.histogram;
      let cumulative = 0;
      for (const [at, bound] of bounds.entries()) {
        cumulative += counts[at] ?? 0;
        lines.push(`${name}_bucket${printLabels({ ...entry.labels, le: printNumber(bound) })} ${cumulative}`);
      }
      lines.push(`${name}_bucket${printLabels({ ...entry.labels, le: "+Inf" })} ${count}`);
      lines.push(`${name}_sum${printLabels(entry.labels)} ${printNumber(sum)}`);
      lines.push(`${name}_count${printLabels(entry.labels)} ${count}`);
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function printLabels(labels: Labels): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "";
  return `{${entries.map(([key, value]) => `${key}="${escape(value).replaceAll('"', '\\"')}"`).join(",")}}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function printNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

const unitNames: Readonly<Record<string, string>> = { s: "seconds", ms: "milliseconds", By: "bytes" };

function suffixed({ name, kind, unit }: MetricFamily): string {
  const unitName = unitNames[unit];
  const withUnit = unitName === undefined || name.endsWith(`_${unitName}`) ? name : `${name}_${unitName}`;
  return kind === "counter" && !withUnit.endsWith("_total") ? `${withUnit}_total` : withUnit;
}
