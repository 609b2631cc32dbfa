/** A merged call tree as a tree grid: DOM rows only for what is on screen; arrows move, fold and unfold, Enter opens the slowest trace. */
import { useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { CallPath } from "../../../../src/api/explore/wire.ts";
import { Button } from "../../design/controls.tsx";
import { formatCount, formatDuration, formatPercent } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import { nextRow } from "../row-keys.ts";
import { ServiceName } from "../service-name.tsx";
import { useRowFocus } from "../use-row-focus.ts";
import { buildPathTree, shownPaths, type PathTree } from "./model.ts";
import "./call-tree.css";

interface CallTreeProps {
  readonly paths: readonly CallPath[];
  /** Traces merged. */
  readonly traceCount: number;
  readonly onOpen: (path: CallPath) => void;
  readonly onFilter: (path: CallPath) => void;
}

const mostIndent = 20;

export function CallTree(props: CallTreeProps): ReactElement {
  const { paths, traceCount, onOpen, onFilter } = props;
  const tree = useMemo(() => buildPathTree(paths), [paths]);
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => new Set());
  const shown = useMemo(() => shownPaths(tree, folded), [tree, folded]);
  const [active, setActive] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const focusRow = useRowFocus(scroller, (box, row) => box.querySelector(`[data-row="${row}"]`));
  // oxlint-disable-next-line react/incompatible-library -- no React Compiler here, and its functions go to no memoised child
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 32,
    overscan: 10,
  });
  const activeRow = Math.min(active, shown.length - 1);

  function fold(index: number, isFolded: boolean): void {
    const next = new Set(folded);
    if (isFolded) next.add(index);
    else next.delete(index);
    setFolded(next);
  }
  function goTo(row: number): void {
    setActive(row);
    virtual.scrollToIndex(row);
    focusRow(row);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The row that is seen to have the focus is the one that keys mean; keys of a button within are its own.
    const focused = (event.target as HTMLElement).dataset.row;
    if (focused === undefined) return;
    const row = Number(focused);
    const index = shown[row]!;
    const target = nextRow(event.key, row, shown.length, 12);
    if (target !== undefined) goTo(target);
    else if (event.key === "Enter") onOpen(paths[index]!);
    else if (event.key === "ArrowRight" || event.key === "l") {
      if (folded.has(index)) fold(index, false);
      else if (tree.size[index]! > 1) goTo(row + 1);
    } else if (event.key === "ArrowLeft" || event.key === "h") {
      if (tree.size[index]! > 1 && !folded.has(index)) fold(index, true);
      else if (paths[index]!.parent >= 0) goTo(shown.indexOf(paths[index]!.parent));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      className="card call-tree"
      role="treegrid"
      aria-label="Merged calls"
      aria-rowcount={shown.length + 1}
      onKeyDown={onKeyDown}
    >
      <div ref={scroller} className="row-scroll" role="rowgroup">
        <div className="call-row row-heading" role="row" aria-rowindex={1}>
          <span role="columnheader">Call</span>
          <span role="columnheader" className="right">
            Traces
          </span>
          <span role="columnheader" className="right">
            Spans a trace
          </span>
          <span role="columnheader" className="right">
            Errors
          </span>
          <span role="columnheader" className="right">
            Mean
          </span>
          <span role="columnheader">Own time, of all</span>
          <span role="columnheader">
            <span className="visually-hidden">Actions</span>
          </span>
        </div>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
          {virtual.getVirtualItems().map((item) => (
            <CallRow
              key={shown[item.index]!}
              tree={tree}
              index={shown[item.index]!}
              row={item.index}
              top={item.start}
              isFolded={folded.has(shown[item.index]!)}
              isActive={item.index === activeRow}
              traceCount={traceCount}
              onFold={fold}
              onOpen={onOpen}
              onFilter={onFilter}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function CallRow(props: {
  readonly tree: PathTree;
  readonly index: number;
  readonly row: number;
  readonly top: number;
  readonly isFolded: boolean;
  readonly isActive: boolean;
  readonly traceCount: number;
  readonly onFold: (index: number, isFolded: boolean) => void;
  readonly onOpen: (path: CallPath) => void;
  readonly onFilter: (path: CallPath) => void;
}): ReactElement {
  const { tree, index, row, top, isFolded, isActive, traceCount, onFold, onOpen, onFilter } = props;
  const path = tree.paths[index]!;
  const depth = tree.depth[index]!;
  const hasCalls = tree.size[index]! > 1;
  const errorShare = path.errorCount / Math.max(1, path.spanCount);
  const share = path.selfNano / tree.selfNano;
  return (
    <div
      className="call-row"
      role="row"
      data-row={row}
      aria-rowindex={row + 2}
      aria-level={depth + 1}
      aria-posinset={tree.place[index]}
      aria-setsize={tree.siblings[index]}
      {...(hasCalls ? { "aria-expanded": !isFolded } : {})}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" className="call-name" style={{ paddingLeft: Math.min(mostIndent, depth) * 14 }}>
        <span
          className="twist"
          aria-hidden="true"
          onClick={() => (hasCalls ? onFold(index, !isFolded) : undefined)}
        >
          {hasCalls ? <Icon name={isFolded ? "right" : "down"} size={14} /> : null}
        </span>
        {depth > mostIndent ? <span className="faint number">+{depth - mostIndent}</span> : null}
        <ServiceName name={path.service} />
        <span className="ellipsis strong" title={path.name}>
          {path.name}
        </span>
        <span className="faint">{path.kind.toLowerCase()}</span>
        {isFolded ? <span className="badge number">{formatCount(tree.size[index]! - 1)} below</span> : null}
      </span>
      <span role="gridcell" className="right number soft">
        {formatPercent(path.traceCount / Math.max(1, traceCount))}
      </span>
      <span role="gridcell" className="right number soft">
        {(path.spanCount / Math.max(1, path.traceCount)).toFixed(1)}
      </span>
      <span role="gridcell" className={errorShare > 0 ? "right number error-text" : "right number faint"}>
        {formatPercent(errorShare)}
      </span>
      <span role="gridcell" className="right number">
        {formatDuration(path.totalNano / Math.max(1, path.spanCount))}
      </span>
      <span role="gridcell" className="call-share">
        <span className="share-track" aria-hidden="true">
          <span style={{ width: `${share * 100}%`, background: serviceColour(path.service) }} />
        </span>
        <span className="number">{formatPercent(share)}</span>
      </span>
      <span role="gridcell" className="call-actions">
        <Button
          kind="quiet"
          icon="external"
          label={`Open the slowest trace with ${path.name}`}
          excludeFromTabOrder={!isActive}
          onPress={() => onOpen(path)}
        />
        <Button
          kind="quiet"
          icon="plus"
          label={`Traces with ${path.name}`}
          excludeFromTabOrder={!isActive}
          onPress={() => onFilter(path)}
        />
      </span>
    </div>
  );
}
