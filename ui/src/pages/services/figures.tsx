import type { ReactElement, ReactNode } from "react";
import { formatCount, formatDuration, formatPercent, plural, formatRate } from "../../design/format.ts";
import { Sparkline } from "../../panels/charts/sparkline.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import type { Totals } from "./model.ts";

/** The four figures over all services. */
export function Figures(props: { readonly totals: Totals }): ReactElement {
  const { totals } = props;
  return (
    <div className="figures">
      <Figure
        term="Requests"
        note="over all services"
        chart={<Sparkline values={totals.countSeries} colour="var(--accent)" width={110} height={34} />}
      >
        {formatRate(totals.perSecond)}
      </Figure>
      <Figure
        term="Errors"
        note="share of requests"
        alarming={totals.errorShare > 0.01}
        chart={
          <Sparkline
            values={totals.errorSeries}
            colour="var(--error-fill)"
            kind="bars"
            width={110}
            height={34}
          />
        }
      >
        {formatPercent(totals.errorShare)}
      </Figure>
      <Figure
        term="Slowest p95"
        note={totals.slowest === undefined ? "no requests" : <ServiceName name={totals.slowest.name} />}
      >
        {totals.slowest === undefined ? "–" : formatDuration(totals.slowest.p95Nano)}
      </Figure>
      <Figure
        term="Received"
        note={`${totals.spans === 1 ? "span" : "spans"}, and ${plural(totals.logs, "log record")}`}
      >
        {formatCount(totals.spans)}
      </Figure>
    </div>
  );
}

function Figure(props: {
  readonly term: string;
  readonly note: ReactNode;
  readonly chart?: ReactNode;
  readonly alarming?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="figure card">
      <dl>
        <dt>{props.term}</dt>
        <dd className={props.alarming === true ? "figure-value number error-text" : "figure-value number"}>
          {props.children}
        </dd>
        <dd className="faint figure-note">{props.note}</dd>
      </dl>
      {props.chart}
    </div>
  );
}
