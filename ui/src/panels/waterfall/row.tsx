import { memo, type MemoExoticComponent, type ReactElement } from "react";
import { formatCount, formatDuration } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import { flagWords, rowHeight } from "./draw.ts";
import { errorStatus, type SpanTree } from "./tree.ts";

interface SpanRowProps {
  readonly tree: SpanTree;
  readonly index: number;
  readonly row: number;
  readonly collapsed: boolean;
  readonly selected: boolean;
  readonly active: boolean;
  readonly matched: boolean;
  readonly nameWidth: number;
  readonly onToggle: (index: number) => void;
  readonly onSelect: (index: number) => void;
}

const mostIndent = 24;

/** The name side of one row; its bar is on the canvas behind. */
export const SpanRow: MemoExoticComponent<(props: SpanRowProps) => ReactElement> = memo(function SpanRow(
  props: SpanRowProps,
) {
  const { tree, index, row, collapsed, selected, active, matched, nameWidth, onToggle, onSelect } = props;
  const { skeleton } = tree;
  const service = skeleton.services[skeleton.service[index]!]!;
  const name = skeleton.names[skeleton.name[index]!]!;
  const below = tree.size[index]! - 1;
  const isError = skeleton.status[index] === errorStatus;
  const depth = tree.depth[index]!;
  const parent = tree.parents[index]!;
  const sameService = parent >= 0 && skeleton.service[parent] === skeleton.service[index];
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
      {...(below > 0 ? { "aria-expanded": !collapsed } : {})}
      tabIndex={active ? 0 : -1}
      onClick={() => onSelect(index)}
    >
      <div
        role="gridcell"
        className="span-name"
        style={{ width: nameWidth, paddingLeft: 6 + Math.min(mostIndent, depth) * 13 }}
      >
        {below > 0 ? (
          <span
            className="twist"
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onToggle(index);
            }}
          >
            <Icon name={collapsed ? "right" : "down"} size={14} />
          </span>
        ) : (
          <span className="twist" aria-hidden="true" />
        )}
        <span className="span-stripe" style={{ background: serviceColour(service) }} aria-hidden="true" />
        {depth > mostIndent ? <span className="faint number">+{depth - mostIndent}</span> : null}
        {isError ? (
          <span className="error-text" title="Status: error">
            <Icon name="error" size={13} />
            <span className="visually-hidden">error</span>
          </span>
        ) : null}
        <span className={sameService ? "visually-hidden" : "span-service"}>{service}</span>
        <span className="ellipsis span-label" title={`${service}: ${name}`}>
          {name}
        </span>
        {collapsed ? (
          <span className="badge number">
            {formatCount(below)} below
            {tree.errors[index]! - (isError ? 1 : 0) > 0
              ? `, ${formatCount(tree.errors[index]! - (isError ? 1 : 0))} failed`
              : ""}
          </span>
        ) : null}
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
