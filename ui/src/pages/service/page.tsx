import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { useNow } from "../../client/now.ts";
import { servicesQuery, serviceSteps } from "../../client/queries.ts";
import { formatAgo, formatDuration, formatPercent, formatRate, plural } from "../../design/format.ts";
import { StackedBars } from "../../panels/charts/stacked-bars.tsx";
import { showsTypical, useTypicalTrace } from "../../panels/charts/use-typical-trace.ts";
import { PageHead } from "../../panels/page-head.tsx";
import { Distro } from "../../panels/services/distro.tsx";
import { languageName, redFigures } from "../../panels/services/model.ts";
import { Operations } from "../../panels/services/operations.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { useGo, usePageSearch, useSetTimeRange, useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { absoluteRange, resolveRange, type Window } from "../../url/time.ts";
import { Dependencies } from "./dependencies.tsx";
import { Errors } from "./errors.tsx";
import { Latency } from "./latency.tsx";
import { requestSeries } from "./model.ts";
import { RuntimeMetrics } from "./runtime-metrics.tsx";
import { ServiceLogs } from "./service-logs.tsx";
import { ServiceTraces } from "./service-traces.tsx";
import "./service.css";

/** All of one service: its requests, who it talks to, what it logs, how it runs. */
export function ServicePage(): ReactElement {
  const { name } = usePageSearch("service");
  const range = useTimeRange();
  const now = useNow();
  const go = useGo();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const window = resolveRange(range, services.dataUpdatedAt || now);
  return (
    <div className="page">
      <PageHead title={name === "" ? "Service" : name}>
        <span className="grow" />
        <PageLink page="traces" search={{ service: name }} className="button button-plain">
          Traces
        </PageLink>
        <PageLink page="logs" search={{ service: name }} className="button button-plain">
          Logs
        </PageLink>
        <PageLink page="metrics" search={{ service: name }} className="button button-plain">
          Metrics
        </PageLink>
        <PageLink page="map" search={{ service: name }} className="button button-plain">
          Map
        </PageLink>
      </PageHead>
      <Answer query={services} what="service" height={320}>
        {(page) => {
          const service = page.items.find((entry) => entry.name === name);
          if (service === undefined) {
            return (
              <EmptyState
                reason={
                  page.empty ?? {
                    code: "unknown-service",
                    message: `"${name}" sent nothing in this window`,
                    hint: "Widen the window of time, or choose a service that did.",
                    suggestions: page.items.slice(0, 8).map((entry) => entry.name),
                  }
                }
                what="service"
                onSuggestion={(suggestion) => go("service", { name: suggestion })}
              />
            );
          }
          return <Shown service={service} window={window} />;
        }}
      </Answer>
    </div>
  );
}

function Shown(props: { readonly service: ServiceSummary; readonly window: Window }): ReactElement {
  const { service, window } = props;
  const setRange = useSetTimeRange();
  const openTypical = useTypicalTrace();
  const windowMs = window.endMs - window.startMs;
  const { perSecond, errorShare } = redFigures(service, windowMs);
  return (
    <>
      <Identity service={service} nowMs={window.endMs} />
      <div className="service-grid">
        <section className="card service-requests" aria-label="Requests">
          <dl className="service-figures">
            <Figure term="Requests" value={formatRate(perSecond)} />
            <Figure term="Errors" value={formatPercent(errorShare)} alarming={errorShare > 0.01} />
            <Figure term="p50" value={formatDuration(service.p50Nano)} />
            <Figure term="p95" value={formatDuration(service.p95Nano)} />
            <Figure term="p99" value={formatDuration(service.p99Nano)} />
          </dl>
          {service.count === 0 ? (
            <p className="soft">
              No requests: in this window it sent {plural(service.spanCount, "span")} and{" "}
              {plural(service.logCount, "log record")}.
            </p>
          ) : (
            <StackedBars
              title={`Requests of ${service.name}`}
              startMs={window.startMs}
              stepMs={windowMs / Math.max(1, service.countSeries.length)}
              series={requestSeries(service)}
              height={160}
              onZoom={(startMs, endMs) => setRange(absoluteRange({ startMs, endMs }))}
              onStep={{
                does: showsTypical,
                take: (startMs, endMs) => {
                  const search = { service: service.name, spans: "entry" as const };
                  openTypical({ parameters: search, search, rank: 0.5 }, startMs, endMs);
                },
              }}
            />
          )}
        </section>
        <Dependencies service={service.name} windowMs={windowMs} />
      </div>
      {service.count === 0 ? null : <Latency service={service.name} />}
      <ServiceTraces service={service.name} />
      <Operations service={service.name} windowMs={windowMs} />
      <Errors service={service.name} />
      <ServiceLogs service={service.name} />
      <RuntimeMetrics service={service.name} />
    </>
  );
}

function Figure(props: {
  readonly term: string;
  readonly value: string;
  readonly alarming?: boolean;
}): ReactElement {
  return (
    <div>
      <dt>{props.term}</dt>
      <dd className={props.alarming === true ? "number error-text" : "number"}>{props.value}</dd>
    </div>
  );
}

function Identity(props: { readonly service: ServiceSummary; readonly nowMs: number }): ReactElement {
  const { service, nowMs } = props;
  return (
    <p className="service-identity soft">
      <span>{service.language === "" ? "language unknown" : languageName(service.language)}</span>
      {service.version === "" ? null : <span className="badge">{service.version}</span>}
      {service.releases.length < 2 ? null : <Releases of={service.releases} nowMs={nowMs} />}
      <Distro name={service.distro} />
      <span className="number">{plural(service.instances, "instance")}</span>
      {service.namespace === "" ? null : <span>in {service.namespace}</span>}
      <span className="faint number">last seen {formatAgo(service.lastSeenMs, nowMs)}</span>
    </p>
  );
}

/** The versions that ran in the window, with the time of the first span of each but the first, which may have run before. */
function Releases(props: { readonly of: ServiceSummary["releases"]; readonly nowMs: number }): ReactElement {
  const words = props.of.map(({ version, firstMs }, index) =>
    index === 0 ? version : `${version} ${formatAgo(firstMs, props.nowMs)}`,
  );
  return <span className="number">versions: {words.join(", then ")}</span>;
}
