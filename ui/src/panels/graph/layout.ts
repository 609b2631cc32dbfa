/** Places of services and what they call, left to right, by dagre. Pure: the same graph gives the same picture. */
import { Graph, layout } from "@dagrejs/dagre";
import type { GraphEdge } from "../../../../src/api/explore/wire.ts";

export interface GraphNode {
  readonly id: string;
  readonly kind: GraphEdge["serverKind"];
  /** Top left corner and size, px. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: { readonly x: number; readonly y: number };
}

export interface PlacedGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
  /** Too many nodes for figures on each: names only, figures for the one selected. */
  readonly compact: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}
const fullNode: Size = { width: 196, height: 64 };
const fullLabel: Size = { width: 120, height: 34 };
const compactNode: Size = { width: 170, height: 30 };
const noLabel: Size = { width: 24, height: 8 };

/** Beyond so many nodes or edges a graph with a label on every edge is a wall of text. */
const mostFullNodes = 30;
const mostFullEdges = 40;

/** `services`: drawn even without edges. A service that calls itself keeps its node and loses that edge: it says nothing here. */
export function placeGraph(services: readonly string[], edges: readonly GraphEdge[]): PlacedGraph {
  const kinds = new Map<string, GraphEdge["serverKind"]>();
  for (const service of services) kinds.set(service, "service");
  for (const edge of edges) {
    if (!kinds.has(edge.client)) kinds.set(edge.client, "service");
    if (!kinds.has(edge.server)) kinds.set(edge.server, edge.serverKind);
  }
  const drawn = edges.filter((edge) => edge.client !== edge.server);
  const compact = kinds.size > mostFullNodes || drawn.length > mostFullEdges;
  const nodeSize = compact ? compactNode : fullNode;
  const labelSize = compact ? noLabel : fullLabel;
  const graph = new Graph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: compact ? 10 : 28,
    ranksep: compact ? 60 : 64,
    edgesep: compact ? 8 : 18,
    marginx: 12,
    marginy: 12,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of [...kinds.keys()].toSorted()) graph.setNode(id, { ...nodeSize });
  for (const edge of drawn) graph.setEdge(edge.client, edge.server, { ...labelSize, labelpos: "c" });
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: [...kinds].map(([id, kind]) => {
      const place = graph.node(id) as { x: number; y: number };
      return { id, kind, ...nodeSize, x: place.x - nodeSize.width / 2, y: place.y - nodeSize.height / 2 };
    }),
    edges: drawn.map((edge) => {
      const placed = graph.edge(edge.client, edge.server) as {
        points: { x: number; y: number }[];
        x: number;
        y: number;
      };
      const label = { x: placed.x, y: placed.y };
      return { edge, points: route(graph, edge, placed.points, label, nodeSize, labelSize), label };
    }),
    width: size.width ?? 0,
    height: size.height ?? 0,
    compact,
  };
}

/**
 * Edges that lead to the right leave and enter at the middle of the nodes' sides and run level under their label, so that none passes under
 * the label of another; the others keep dagre's way.
 */
function route(
  graph: Graph,
  edge: GraphEdge,
  points: readonly Point[],
  label: Point,
  nodeSize: Size,
  labelSize: Size,
): readonly Point[] {
  const from = graph.node(edge.client) as Point;
  const to = graph.node(edge.server) as Point;
  if (from.x + nodeSize.width > to.x) return points;
  const half = nodeSize.width / 2;
  const reach = labelSize.width / 2;
  const between = points.slice(1, -1).filter((point) => Math.abs(point.x - label.x) > reach);
  return [
    { x: from.x + half, y: from.y },
    ...between.filter((point) => point.x < label.x),
    { x: label.x - reach, y: label.y },
    { x: label.x + reach, y: label.y },
    ...between.filter((point) => point.x > label.x),
    { x: to.x - half, y: to.y },
  ];
}

/** A smooth path through the points: straight at the ends, curved between. */
export function edgePath(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${first.x.toFixed(1)} ${first.y.toFixed(1)}`;
  let from = first;
  for (const to of rest) {
    const middle = (from.x + to.x) / 2;
    path += `C${middle.toFixed(1)} ${from.y.toFixed(1)} ${middle.toFixed(1)} ${to.y.toFixed(1)} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
    from = to;
  }
  return path;
}
