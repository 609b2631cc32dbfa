import { useMemo, useState, type ReactElement } from "react";
import { Segments } from "../../design/controls.tsx";
import type { GraphEdge } from "../../../../src/api/explore/wire.ts";
import { formatDuration, formatPercent } from "../../design/format.ts";
import { serviceColour } from "../../design/service-colour.ts";
import { ShowData, svgFormats } from "../charts/show-data.tsx";
import "./graph.css";
import { edgePath, placeGraph, type GraphNode, type PlacedEdge } from "./layout.ts";

export interface NodeFigures {
  readonly text: string;
  /** 0 to 1. */
  readonly errorShare: number;
}

export interface EdgeFigures {
  readonly amount: string;
  readonly duration: string;
  /** The line is wider where this is larger: 1 and below 1 px, 60,000 5 px. */
  readonly weight: number;
}

interface ServiceGraphProps {
  readonly title: string;
  /** What the figures are, unless there are too many nodes for figures. */
  readonly hint: string;
  /** Column of the amounts in the table behind the picture. */
  readonly amountName: string;
  /** Services, drawn even without edges; databases and peers are drawn from the edges. */
  readonly nodes: ReadonlyMap<string, NodeFigures>;
  readonly edges: readonly GraphEdge[];
  readonly figuresOf: (edge: GraphEdge) => EdgeFigures;
  readonly selected: string;
  readonly onSelect: (service: string) => void;
  readonly onEdge: (edge: GraphEdge) => void;
}

const kindWords: Readonly<Record<GraphEdge["serverKind"], string>> = {
  service: "service",
  database: "database",
  messaging: "queue",
  external: "sends no spans",
};

/** From this share of errors on an edge is drawn in red; below, its figure alone says so. */
const alarmingShare = 0.05;
/** Of the size as drawn: smaller could not be read, and scrolls instead. */
const leastScale = 0.65;

/** Who calls whom, with how much, errors and durations on each edge. */
export function ServiceGraphPanel(props: ServiceGraphProps): ReactElement {
  const { title, nodes, edges, figuresOf, selected, onSelect, onEdge } = props;
  // Figures change more often than who is there, and a layout takes long.
  const names = [...nodes.keys()].join("\n");
  const placed = useMemo(
    () =>
      placeGraph(
        names.split("\n").filter((name) => name !== ""),
        edges,
      ),
    [names, edges],
  );
  const [size, setSize] = useState<"fit" | "actual">("fit");
  const fit = size === "fit";
  return (
    <div className="graph card">
      <div className="graph-head">
        <span className="faint">
          {placed.compact
            ? `${placed.nodes.length} nodes and ${placed.edges.length} calls: select a node for the figures of its calls.`
            : props.hint}
        </span>
        <span className="grow" />
        <Segments
          label="Size"
          value={size}
          choices={[
            { id: "fit", name: "Fit" },
            { id: "actual", name: "Actual size" },
          ]}
          onChange={setSize}
        />
      </div>
      <div className="graph-scroll" tabIndex={0} role="region" aria-label={title}>
        <svg
          className={fit ? "is-fit" : ""}
          viewBox={`0 0 ${placed.width} ${placed.height}`}
          style={{
            // Never larger than drawn, never too small to read.
            width: fit ? "100%" : placed.width,
            minWidth: fit ? Math.min(placed.width, placed.width * leastScale) : undefined,
            maxWidth: placed.width,
            height: fit ? undefined : placed.height,
            maxHeight: placed.height,
          }}
          role="group"
          aria-label="Services and their calls"
        >
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth="9"
              markerHeight="9"
              orient="auto"
            >
              <path d="M1 1 7 4 1 7" fill="none" stroke="var(--line-strong)" strokeWidth="1.3" />
            </marker>
          </defs>
          {placed.edges.map((edge) => (
            <Edge
              key={`${edge.edge.client} ${edge.edge.server}`}
              placed={edge}
              figures={figuresOf(edge.edge)}
              compact={placed.compact}
              stressed={selected !== "" && (edge.edge.client === selected || edge.edge.server === selected)}
              dimmed={selected !== "" && edge.edge.client !== selected && edge.edge.server !== selected}
              onOpen={() => onEdge(edge.edge)}
            />
          ))}
          {placed.nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              figures={nodes.get(node.id)}
              compact={placed.compact}
              selected={node.id === selected}
              onSelect={() => onSelect(node.id === selected ? "" : node.id)}
            />
          ))}
        </svg>
      </div>
      <ShowData
        title={title}
        formats={svgFormats}
        data={{
          columns: ["Client", "Server", "Kind", props.amountName, "Errors", "p50", "p95"],
          rows: () =>
            edges.map((edge) => [
              edge.client,
              edge.server,
              kindWords[edge.serverKind],
              figuresOf(edge).amount,
              formatPercent(edge.count === 0 ? 0 : edge.errorCount / edge.count),
              formatDuration(edge.p50Nano),
              formatDuration(edge.p95Nano),
            ]),
        }}
      />
    </div>
  );
}

function Edge(props: {
  readonly placed: PlacedEdge;
  readonly figures: EdgeFigures;
  readonly compact: boolean;
  readonly stressed: boolean;
  readonly dimmed: boolean;
  readonly onOpen: () => void;
}): ReactElement {
  const { edge, points, label } = props.placed;
  const { amount, duration, weight } = props.figures;
  const errors = edge.count === 0 ? 0 : edge.errorCount / edge.count;
  // The spoken name begins with the words that are seen, as who speaks to the page says what is seen.
  const seen = [amount, errors > 0 ? formatPercent(errors) : "", duration];
  const name = `${seen.filter((part) => part !== "").join(" ")} (${edge.client} calls ${edge.server})`;
  return (
    <g className={props.dimmed ? "graph-edge is-dimmed" : "graph-edge"}>
      <path
        d={edgePath(points)}
        markerEnd="url(#arrow)"
        className={errors >= alarmingShare ? "graph-line has-errors" : "graph-line"}
        strokeWidth={Math.min(5, 1.2 + Math.max(0, Math.log10(weight)) * 0.6)}
      />
      {props.compact && !props.stressed ? null : (
        <g
          className="graph-label"
          transform={`translate(${label.x} ${label.y})`}
          role="button"
          tabIndex={0}
          aria-label={name}
          onClick={props.onOpen}
          onKeyDown={(event) => {
            if (event.key === "Enter") props.onOpen();
          }}
        >
          <title>{name}</title>
          <rect x="-60" y="-17" width="120" height="34" rx="6" />
          <text y="-3" textAnchor="middle">
            {`${amount} `}
            {errors > 0 ? <tspan className="graph-errors">{`${formatPercent(errors)} `}</tspan> : null}
          </text>
          <text y="11" textAnchor="middle" className="graph-faint">
            {duration}
          </text>
        </g>
      )}
    </g>
  );
}

function Node(props: {
  readonly node: GraphNode;
  readonly figures: NodeFigures | undefined;
  readonly compact: boolean;
  readonly selected: boolean;
  readonly onSelect: () => void;
}): ReactElement {
  const { node, compact, selected, onSelect } = props;
  const errors = props.figures?.errorShare ?? 0;
  const detail = props.figures?.text ?? kindWords[node.kind];
  const isService = node.kind === "service";
  const most = compact ? 17 : 22;
  const shownName = node.id.length > most ? `${node.id.slice(0, most - 1)}…` : node.id;
  const figures = `${detail}${errors > 0 ? ` ${formatPercent(errors)}` : ""}`;
  const spoken = `${shownName} ${figures}`;
  return (
    <g
      className={`graph-node kind-${node.kind}${selected ? " is-selected" : ""}${compact && errors >= alarmingShare ? " has-errors" : ""}`}
      transform={`translate(${node.x} ${node.y})`}
      role="button"
      tabIndex={0}
      aria-pressed={selected}
      aria-label={shownName === node.id ? spoken : `${spoken} (${node.id})`}
      onClick={onSelect}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          onSelect();
        }
      }}
    >
      <title>{compact ? `${node.id}: ${figures}` : node.id}</title>
      <rect width={node.width} height={node.height} rx={node.kind === "database" ? 16 : 8} />
      {isService ? (
        <rect
          className="graph-stripe"
          x="10"
          y={compact ? 7 : 14}
          width="4"
          height={node.height - (compact ? 14 : 28)}
          rx="2"
          style={{ fill: serviceColour(node.id) }}
        />
      ) : null}
      <text x={isService ? 24 : 16} y={compact ? 20 : 27} className="graph-name">
        {`${shownName} `}
      </text>
      {compact ? null : (
        <text x={isService ? 24 : 16} y="46" className="graph-faint">
          {detail}
          {errors > 0 ? <tspan className="graph-errors">{` ${formatPercent(errors)}`}</tspan> : null}
        </text>
      )}
    </g>
  );
}
