import type { ReactElement } from "react";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { MetricCard } from "../../panels/metrics/metric-card.tsx";
import { relatedMetrics } from "../../panels/metrics/related.ts";

const mostShown = 6;

/** The metrics that say something of the same thing; nothing when none does. */
export function Related(props: {
  readonly metric: MetricSummary;
  readonly metrics: readonly MetricSummary[];
  readonly service: string;
}): ReactElement | null {
  const related = relatedMetrics(props.metric, props.metrics, mostShown);
  if (related.length === 0) return null;
  return (
    <section className="related" aria-label="Related metrics">
      <h2>Related metrics</h2>
      <div className="wall">
        {related.map((metric) => (
          <MetricCard key={`${metric.name} ${metric.type}`} metric={metric} service={props.service} />
        ))}
      </div>
    </section>
  );
}
