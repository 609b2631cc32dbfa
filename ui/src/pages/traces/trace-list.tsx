import { useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactElement } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { TraceSummary } from "../../../../src/api/explore/wire.ts";
import { formatClock, formatCount, formatDayClock, formatDuration, nanoToMs } from "../../design/format.ts";
import { Button } from "../../design/controls.tsx";
import { Icon } from "../../design/icons.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import { durationScale, placeDuration, type DurationScale } from "../../panels/charts/scatter-model.ts";
import { nextRow } from "../../panels/row-keys.ts";
import { useRowFocus } from "../../panels/use-row-focus.ts";
import { ServiceName } from "../../panels/service-name.tsx";
import { isArriving } from "./model.ts";
import { useAdjust, useGo, usePageSearch } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { ValueActions } from "./value-actions.tsx";

interface TraceListProps {
  readonly traces: readonly TraceSummary[];
  readonly nowMs: number;
}

/** The fixed columns, then those of the user's choice; wider than the list they scroll together. */
function gridOf(columns: number): CSSProperties {
  if (columns === 0) return {};
  return {
    gridTemplateColumns: `7rem minmax(12rem, 1fr) 6rem 4rem 4rem 10rem repeat(${columns}, minmax(8rem, 12rem))`,
    minWidth: `${51 + 9 * columns}rem`,
  };
}

/** The found traces as a grid: arrows move, Enter opens. */
export function TraceList(props: TraceListProps): ReactElement {
  const { traces, nowMs } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const go = useGo();
  const { col: columns } = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const focusRow = useRowFocus(scroller, (box, row) => box.querySelector(`[data-row="${row}"]`));
  // oxlint-disable-next-line react/incompatible-library -- no React Compiler here, and its functions go to no memoised child
  const virtual = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 36,
    overscan: 10,
  });
  // Logarithmic as in the plot above: one slow trace does not flatten all others.
  const scale = useMemo(
    () => durationScale(traces.map(({ durationNano }) => ({ durationNano, timeMs: 0, isError: false }))),
    [traces],
  );
  const activeRow = Math.min(active, traces.length - 1);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The row that is seen to have the focus is the one that keys mean.
    const focused = (event.target as HTMLElement).dataset.row;
    const current = focused === undefined ? activeRow : Number(focused);
    const row = nextRow(event.key, current, traces.length, 12);
    if (row !== undefined) {
      setActive(row);
      virtual.scrollToIndex(row);
      focusRow(row);
    } else if (event.key === "Enter" && focused !== undefined) {
      const trace = traces[Number(focused)];
      if (trace !== undefined) go("trace", { id: trace.traceId });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      className="card trace-list"
      role="grid"
      aria-label="Traces"
      aria-rowcount={traces.length + 1}
      onKeyDown={onKeyDown}
    >
      <div ref={scroller} className="row-scroll" role="rowgroup">
        <div className="trace-row row-heading" role="row" aria-rowindex={1} style={gridOf(columns.length)}>
          <span role="columnheader">Started</span>
          <span role="columnheader">Trace</span>
          <span role="columnheader">Services</span>
          <span role="columnheader" className="right">
            Spans
          </span>
          <span role="columnheader" className="right">
            Errors
          </span>
          <span role="columnheader">Duration</span>
          {columns.map((column) => (
            <span key={column} role="columnheader" className="column-head">
              <span className="ellipsis" title={column}>
                {column}
              </span>
              <Button
                kind="quiet"
                icon="close"
                label={`Remove column ${column}`}
                onPress={() => adjust({ col: columns.filter((other) => other !== column) })}
              />
            </span>
          ))}
        </div>
        <div
          style={{
            height: virtual.getTotalSize(),
            position: "relative",
            minWidth: gridOf(columns.length).minWidth,
          }}
          role="presentation"
        >
          {virtual.getVirtualItems().map((item) => (
            <TraceRow
              key={traces[item.index]!.traceId}
              trace={traces[item.index]!}
              row={item.index}
              top={item.start}
              columns={columns}
              isActive={item.index === activeRow}
              scale={scale}
              nowMs={nowMs}
              onOpen={() => {
                setActive(item.index);
                go("trace", { id: traces[item.index]!.traceId });
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function TraceRow(props: {
  readonly trace: TraceSummary;
  readonly row: number;
  readonly top: number;
  readonly columns: readonly string[];
  readonly isActive: boolean;
  readonly scale: DurationScale;
  readonly nowMs: number;
  readonly onOpen: () => void;
}): ReactElement {
  const { trace, row, top, columns, isActive, scale, nowMs, onOpen } = props;
  const startMs = nanoToMs(trace.startUnixNano);
  const sameDay = new Date(startMs).toDateString() === new Date(nowMs).toDateString();
  return (
    <div
      className="trace-row"
      role="row"
      aria-rowindex={row + 2}
      data-row={row}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${top}px)`, ...gridOf(columns.length) }}
      onClick={(event) => {
        if ((event.target as HTMLElement).closest("a, button") === null) onOpen();
      }}
    >
      <span role="gridcell" className="number soft" title={formatDayClock(startMs, true)}>
        {sameDay ? formatClock(startMs, true) : formatDayClock(startMs)}
      </span>
      <span role="gridcell" className="trace-name">
        <ServiceName name={trace.rootService} />
        <PageLink
          page="trace"
          search={{ id: trace.traceId }}
          className="ellipsis strong"
          tabIndex={-1}
          title={trace.rootName}
        >
          {trace.rootName}
        </PageLink>
        {trace.rootMissing && isArriving(trace, nowMs) ? (
          <span className="badge" title="Its spans are still coming in">
            arriving
          </span>
        ) : trace.rootMissing ? (
          <span
            className="badge badge-warning"
            title="The root span has not arrived: this is the earliest that has"
          >
            root missing
          </span>
        ) : null}
      </span>
      <span
        role="gridcell"
        className="mix"
        title={trace.services.map((service) => `${service.name}: ${service.spanCount}`).join("\n")}
      >
        <span className="visually-hidden">{trace.services.map((service) => service.name).join(", ")}</span>
        {trace.services.map((service) => (
          <span
            key={service.name}
            style={{ flexGrow: service.spanCount, background: serviceColour(service.name) }}
          />
        ))}
      </span>
      <span role="gridcell" className="right number soft">
        {formatCount(trace.spanCount)}
      </span>
      <span role="gridcell" className="right number">
        {trace.errorCount > 0 ? (
          <span className="badge badge-error">
            <Icon name="error" size={11} />
            {formatCount(trace.errorCount)}
          </span>
        ) : (
          <span className="faint">–</span>
        )}
      </span>
      <span role="gridcell" className="duration-cell">
        <span className="share-track" aria-hidden="true">
          <span
            style={{
              width: `${Math.max(1, placeDuration(scale, trace.durationNano) * 100)}%`,
              background: serviceColour(trace.rootService),
            }}
          />
        </span>
        <span className="number">{formatDuration(trace.durationNano)}</span>
      </span>
      {columns.map((column, i) => (
        <span key={column} role="gridcell" className="column-cell" title={trace.columnValues[i]}>
          <span className="ellipsis mono">{trace.columnValues[i] ?? ""}</span>
          <ValueActions field={column} value={trace.columnValues[i] ?? ""} />
        </span>
      ))}
    </div>
  );
}
