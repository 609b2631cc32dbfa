import type { ReactElement } from "react";
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { formatAgo, formatCount, formatDuration, formatPercent, formatRate } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import { Sparkline } from "../../panels/charts/sparkline.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import type { ServiceColumn } from "../../url/pages.ts";
import { PageLink } from "../../url/page-link.tsx";
import { Distro } from "../../panels/services/distro.tsx";
import { languageName, redFigures } from "../../panels/services/model.ts";

interface ServiceTableProps {
  readonly services: readonly ServiceSummary[];
  readonly windowMs: number;
  readonly nowMs: number;
  readonly sort: ServiceColumn;
  readonly onSort: (column: ServiceColumn) => void;
}

export function ServiceTable(props: ServiceTableProps): ReactElement {
  const { services, sort, onSort } = props;
  const heading = (column: ServiceColumn, name: string, className: string): ReactElement => (
    <th
      scope="col"
      className={className}
      aria-sort={sort === column ? (column === "name" ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        className={sort === column ? "sort is-sorted" : "sort"}
        onClick={() => onSort(column)}
      >
        {name}
        {sort === column ? <Icon name={column === "name" ? "up" : "down"} size={12} /> : null}
      </button>
    </th>
  );
  return (
    <div className="card table-card">
      <table className="table services-table">
        <thead>
          <tr>
            {heading("name", "Service", "")}
            <th scope="col">Runs as</th>
            {heading("rate", "Requests", "")}
            {heading("errors", "Errors", "")}
            {heading("p95", "p95", "right")}
            <th scope="col" className="right">
              p50
            </th>
            <th scope="col" className="right">
              Spans
            </th>
            <th scope="col" className="right">
              Logs
            </th>
            {heading("lastSeen", "Last seen", "right")}
            <th scope="col" className="right">
              <span className="visually-hidden">Go to</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <ServiceLine key={service.name} {...props} service={service} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ServiceLine(props: ServiceTableProps & { readonly service: ServiceSummary }): ReactElement {
  const { service, windowMs, nowMs } = props;
  const { perSecond, errorShare } = redFigures(service, windowMs);
  const colour = serviceColour(service.name);
  const idle = service.count === 0;
  return (
    <tr>
      <th scope="row">
        <PageLink page="service" search={{ name: service.name }} className="service-button plain-link">
          <ServiceName name={service.name} strong />
          {service.namespace === "" ? null : <span className="faint ellipsis">{service.namespace}</span>}
        </PageLink>
      </th>
      <td>
        <span className="runs-as">
          {service.language === "" ? <span className="faint">unknown</span> : languageName(service.language)}
          {service.version === "" ? null : <span className="badge">{service.version}</span>}
          <Distro name={service.distro} />
          {service.instances > 1 ? <span className="faint number">× {service.instances}</span> : null}
        </span>
      </td>
      <td>
        <span className="figure-line">
          <Sparkline values={service.countSeries} colour={colour} />
          <span className="number">{idle ? <span className="faint">none</span> : formatRate(perSecond)}</span>
        </span>
      </td>
      <td>
        <span className="figure-line">
          <Sparkline values={service.errorSeries} colour="var(--error-fill)" kind="bars" width={64} />
          <span className={errorShare > 0 ? "number error-text" : "number faint"}>
            {idle ? "–" : formatPercent(errorShare)}
          </span>
        </span>
      </td>
      <td className="right number">
        {idle ? <span className="faint">–</span> : formatDuration(service.p95Nano)}
      </td>
      <td className="right number soft">
        {idle ? <span className="faint">–</span> : formatDuration(service.p50Nano)}
      </td>
      <td className="right number soft">{formatCount(service.spanCount)}</td>
      <td className="right number soft">{formatCount(service.logCount)}</td>
      <td className="right number faint">{formatAgo(service.lastSeenMs, nowMs)}</td>
      <td className="right">
        <span className="row-links">
          <PageLink page="traces" search={{ service: service.name }} label={`Traces of ${service.name}`}>
            Traces
          </PageLink>
          <PageLink page="logs" search={{ service: service.name }} label={`Logs of ${service.name}`}>
            Logs
          </PageLink>
          <PageLink page="metrics" search={{ service: service.name }} label={`Metrics of ${service.name}`}>
            Metrics
          </PageLink>
        </span>
      </td>
    </tr>
  );
}
