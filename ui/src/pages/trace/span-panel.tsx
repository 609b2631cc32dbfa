import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SpanDetail, StoredAttribute } from "../../../../src/api/explore/wire.ts";
import { spanQuery } from "../../client/queries.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { formatDayClock, formatDuration, formatPercent, nanoToMs } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { AttributeTable } from "../../panels/attribute-table.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer } from "../../panels/states.tsx";
import { clockWords } from "../../panels/waterfall/row.tsx";
import { filterFor } from "../../url/attribute-filter.ts";
import { useGo } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { selfTime } from "./model.ts";
import { SpanEvents, SpanLinks } from "./span-events.tsx";
import { SpanLogs } from "./span-logs.tsx";
import { SpanRaw } from "./span-raw.tsx";
import type { WaterfallState } from "./use-waterfall.ts";

interface SpanPanelProps {
  readonly waterfall: WaterfallState;
  readonly index: number;
  readonly onClose: () => void;
}

/** All that is known of the selected span. */
export function SpanPanel(props: SpanPanelProps): ReactElement {
  const { waterfall, index, onClose } = props;
  const { tree, critical } = waterfall;
  const clock = clockWords(waterfall.skew[index]!, waterfall.moved?.[index] ?? 0);
  const { skeleton } = tree;
  const spanId = skeleton.spanIds[index]!;
  const detail = useQuery(spanQuery(skeleton.traceId, spanId));
  const service = skeleton.services[skeleton.service[index]!]!;
  const name = skeleton.names[skeleton.name[index]!]!;
  return (
    <aside className="span-panel card" aria-label="Span">
      <div className="span-panel-head">
        <h2 title={name}>{name}</h2>
        <Button kind="quiet" icon="close" label="Close (Esc)" onPress={onClose} />
      </div>
      <div className="span-panel-facts">
        <ServiceName name={service} />
        <span className="number">
          <strong>{formatDuration(tree.durations[index]!)}</strong>{" "}
          {tree.size[index]! > 1 ? (
            <span className="faint">{formatDuration(selfTime(tree, index))} itself</span>
          ) : null}
        </span>
        {critical.own[index]! > 0 ? (
          <span className="faint number">
            {formatDuration(critical.own[index]!)} on the critical path,{" "}
            {formatPercent(critical.own[index]! / Math.max(1, critical.totalNano))} of it
          </span>
        ) : null}
        <span className="faint number">starts at {formatDuration(tree.starts[index]!)}</span>
      </div>
      {clock === "" ? null : (
        <div className="banner banner-warning">
          <Icon name="warning" size={14} />
          <span>It {clock}.</span>
        </div>
      )}
      <Answer query={detail} what="span">
        {(spans) => {
          const span = spans.find((entry) => entry.spanId === spanId);
          // While another span is selected the answer before stands for the last one: nothing to show of this yet.
          if (span === undefined)
            return detail.isPlaceholderData ? null : (
              <p className="soft">The details of this span are no longer stored.</p>
            );
          return <Detail span={span} />;
        }}
      </Answer>
    </aside>
  );
}

function Detail(props: { readonly span: SpanDetail }): ReactElement {
  const { span } = props;
  const go = useGo();
  const onFilter =
    (scope: "span" | "resource") =>
    (attribute: StoredAttribute, operator: "=" | "!="): void =>
      go("traces", { attr: [filterFor(scope, attribute.key, attribute.value, operator)] });
  return (
    <div className="span-detail">
      {span.status === "Error" ? (
        <div className="banner banner-error">
          <Icon name="error" size={14} />
          <span>{span.statusMessage === "" ? "Status: error" : span.statusMessage}</span>
        </div>
      ) : null}
      <dl className="facts">
        <Fact term="Span id">
          <code>{span.spanId}</code>
          <CopyButton label="Copy span id" text={() => span.spanId} />
        </Fact>
        <Fact term="Kind">{span.kind}</Fact>
        <Fact term="Status">
          {span.status}
          {span.status !== "Error" && span.statusMessage !== "" ? `: ${span.statusMessage}` : ""}
        </Fact>
        <Fact term="Started">
          <span className="number">{formatDayClock(nanoToMs(span.startUnixNano), true)}</span>
        </Fact>
        {span.scopeName === "" ? null : (
          <Fact term="Scope">
            <span className="break">
              {span.scopeName} <span className="faint">{span.scopeVersion}</span>
            </span>
          </Fact>
        )}
        {span.traceState === "" ? null : (
          <Fact term="Trace state">
            <code className="break">{span.traceState}</code>
          </Fact>
        )}
      </dl>
      <div className="span-actions">
        <PageLink page="traces" search={{ service: span.service, operation: span.name }}>
          Traces like this
        </PageLink>
        <PageLink page="logs" search={{ trace: span.traceId, span: span.spanId }}>
          Logs of this span
        </PageLink>
        <PageLink page="metrics" search={{ service: span.service }}>
          Metrics of its service
        </PageLink>
      </div>
      <SpanRaw span={span} />
      <SpanEvents span={span} />
      <SpanLogs traceId={span.traceId} spanId={span.spanId} />
      <AttributeTable title="Span" attributes={span.attributes} onFilter={onFilter("span")} />
      <SpanLinks links={span.links} />
      <AttributeTable title="Resource" attributes={span.resource} onFilter={onFilter("resource")} />
      <AttributeTable title="Scope" attributes={span.scopeAttributes} />
    </div>
  );
}

function Fact(props: { readonly term: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <div className="fact">
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
