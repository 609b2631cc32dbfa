/** Which metrics belong together, judged by what is known of them without reading a value. Pure. */
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";

/**
 * The metrics most like `metric`, best first, at most `most`. Names weigh most (shared parts from the front: http.server.request.duration and
 * http.server.active_requests share two), then attributes in common, then services. Metrics that share no part of their name and fewer than
 * half of their attributes are not related.
 */
export function relatedMetrics(
  metric: MetricSummary,
  metrics: readonly MetricSummary[],
  most: number,
): readonly MetricSummary[] {
  return metrics
    .filter((other) => other.name !== metric.name)
    .map((other) => ({ other, score: likeness(metric, other) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (a.other.name < b.other.name ? -1 : 1))
    .slice(0, most)
    .map(({ other }) => other);
}

function likeness(metric: MetricSummary, other: MetricSummary): number {
  const names = sharedParts(partsOf(metric.name), partsOf(other.name));
  const attributes = overlap(ownKeys(metric), ownKeys(other));
  if (names === 0 && attributes < 0.5) return 0;
  return 2 * names + attributes + overlap(metric.services, other.services) / 2;
}

/** Those that tell its series apart: what a resource says of itself is common to all its metrics. */
function ownKeys({ attributeKeys }: MetricSummary): readonly string[] {
  return attributeKeys.filter((key) => !resourceKey.test(key));
}

const resourceKey = /^(service|telemetry|host|os|process|k8s|container|deployment|cloud)\./;

function partsOf(name: string): readonly string[] {
  return name.split(/[._]/);
}

function sharedParts(left: readonly string[], right: readonly string[]): number {
  const most = Math.min(left.length, right.length);
  for (let at = 0; at < most; at++) if (left[at] !== right[at]) return at;
  return most;
}

/** Share of what either has that both have; 0 when neither has anything. */
function overlap(left: readonly string[], right: readonly string[]): number {
  const all = new Set([...left, ...right]);
  if (all.size === 0) return 0;
  const own = new Set(left);
  return right.filter((key) => own.has(key)).length / all.size;
}
