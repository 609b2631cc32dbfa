import { memo, type MemoExoticComponent, type ReactElement } from "react";
import { formatCount, formatDuration } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { flagWords, rowHeight } from "./draw.ts";
import { errorStatus, type SpanTree } from "./tree.ts";

interface SpanRowProps {
  readonly tree: SpanTree;
  readonly index: number;
  readonly row: number;
  readonly collapsed: boolean;
  /** Siblings of the run that this span is the first of; 0 for none. */
  readonly runCount: number;
  /** The row stands for the whole run. */
  readonly folded: boolean;
  readonly runErrors: number;
  /** Nanoseconds that its clock is off against its parent's; 0: not. */
  readonly skew: number;
  /** Nanoseconds by which it was moved because its clock was off; 0: not. */
  readonly moved: number;
  readonly colour: string;
  readonly selected: boolean;
  readonly active: boolean;
  readonly matched: boolean;
  readonly nameWidth: number;
  readonly onToggle: (index: number) => void;
  readonly onFold: (index: number) => void;
  readonly onSelect: (index: number) => void;
}

const mostIndent = 24;

/** "begins 1 h before its parent: their clocks differ". */
export function skewWords(skew: number): string {
  return skew < 0
    ? `begins ${formatDuration(-skew)} before its parent: their clocks differ`
    : `begins ${formatDuration(skew)} after the call that waits for it has ended: their clocks differ`;
}

/** What there is to say of a span's clock; '' when nothing. */
export function clockWords(skew: number, moved: number): string {
  return moved !== 0 ? movedWords(moved) : skew !== 0 ? skewWords(skew) : "";
}

/** "was moved by 1 h: its clock was off". */
function movedWords(moved: number): string {
  return `was moved by ${formatDuration(Math.abs(moved))}: its clock was off`;
}

/** The name side of one row; its bar is on the canvas behind. */
export const SpanRow: MemoExoticComponent<(props: SpanRowProps) => ReactElement> = memo(function SpanRow(
  props: SpanRowProps,
) {
  const { tree, index, row, collapsed, runCount, folded, runErrors, colour } = props;
  const { selected, active, matched, nameWidth, onToggle, onFold, onSelect } = props;
  const { skeleton } = tree;
  const service = skeleton.services[skeleton.service[index]!]!;
  const name = skeleton.names[skeleton.name[index]!]!;
  const below = tree.size[index]! - 1;
  const isError = folded ? runErrors > 0 : skeleton.status[index] === errorStatus;
  const canOpen = folded || below > 0;
  const depth = tree.depth[index]!;
  const parent = tree.parents[index]!;
  const sameService = parent >= 0 && skeleton.service[parent] === skeleton.service[index];
  const clock = clockWords(props.skew, props.moved);
  const words = flagWords(skeleton.flags[index]!);
  return (
    <div
      role="row"
      id={`span-row-${index}`}
      className={`span-row${selected ? " is-selected" : ""}${active ? " is-active" : ""}${matched ? " is-match" : ""}`}
      style={{ top: row * rowHeight, height: rowHeight }}
      aria-level={depth + 1}
      aria-posinset={tree.place[index]}
      aria-setsize={tree.siblings[index]}
      aria-rowindex={row + 1}
      aria-selected={selected}
      {...(canOpen ? { "aria-expanded": !collapsed && !folded } : {})}
      tabIndex={active ? 0 : -1}
      onClick={() => onSelect(index)}
    >
      <div
        role="gridcell"
        className="span-name"
        style={{ width: nameWidth, paddingLeft: 6 + Math.min(mostIndent, depth) * 13 }}
      >
        {canOpen ? (
          <span
            className="twist"
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              if (folded) onFold(index);
              else onToggle(index);
            }}
          >
            <Icon name={collapsed || folded ? "right" : "down"} size={14} />
          </span>
        ) : (
          <span className="twist" aria-hidden="true" />
        )}
        <span className="span-stripe" style={{ background: colour }} aria-hidden="true" />
        {depth > mostIndent ? <span className="faint number">+{depth - mostIndent}</span> : null}
        {isError ? (
          <span className="error-text" title="Status: error">
            <Icon name="error" size={13} />
            <span className="visually-hidden">error</span>
          </span>
        ) : null}
        {runCount > 0 ? (
          <button
            type="button"
            className="badge number run-badge"
            tabIndex={-1}
            title={folded ? "Show each (f)" : "Fold to one row (f)"}
            aria-label={
              folded ? `Show each of ${formatCount(runCount)} alike` : `Fold ${formatCount(runCount)} alike`
            }
            onClick={(event) => {
              event.stopPropagation();
              onFold(index);
            }}
          >
            {formatCount(runCount)} ×
          </button>
        ) : null}
        <span className={sameService ? "visually-hidden" : "span-service"}>
          {service === "" ? "unknown service" : service}
        </span>
        <span className="ellipsis span-label" title={`${service}: ${name}`}>
          {name === "" ? <span className="faint">no name</span> : name}
        </span>
        {folded && runErrors > 0 ? (
          <span className="badge badge-error number">{formatCount(runErrors)} failed</span>
        ) : null}
        {collapsed && !folded ? (
          <span className="badge number">
            {formatCount(below)} below
            {tree.errors[index]! - (isError ? 1 : 0) > 0
              ? `, ${formatCount(tree.errors[index]! - (isError ? 1 : 0))} failed`
              : ""}
          </span>
        ) : null}
        {clock === "" ? null : (
          <span className="badge badge-warning" title={clock}>
            clock
            <span className="visually-hidden">: {clock}</span>
          </span>
        )}
        {words.map((word) => (
          <span key={word} className={`flag flag-${word.replace(" ", "-")}`} title={`Has ${word}`}>
            <span className="visually-hidden">{word}</span>
          </span>
        ))}
      </div>
      <div role="gridcell" className="visually-hidden">
        {formatDuration(tree.durations[index]!)}, starts at {formatDuration(tree.starts[index]!)}
      </div>
    </div>
  );
});
