import type { ReactElement } from "react";
import type { MetricExemplar } from "../../../../src/api/explore/wire.ts";
import { formatClock, formatMetricValue } from "../../design/format.ts";
import { PageLink } from "../../url/page-link.tsx";

const mostShown = 12;

/** The newest of some single observations, each with its trace; nothing when there are none. */
export function Exemplars(props: {
  readonly exemplars: readonly MetricExemplar[];
  readonly unit: string;
}): ReactElement | null {
  const { exemplars, unit } = props;
  if (exemplars.length === 0) return null;
  return (
    <section className="exemplars" aria-label="Exemplars">
      <h2>Exemplars</h2>
      <ul>
        {exemplars.slice(-mostShown).map((exemplar, i) => (
          <li key={i}>
            <PageLink page="trace" search={{ id: exemplar.traceId, span: exemplar.spanId }}>
              <span className="number">{formatMetricValue(exemplar.value, unit)}</span>
              <span className="faint number">{formatClock(exemplar.timeMs)}</span>
            </PageLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
