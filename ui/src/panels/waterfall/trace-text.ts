/** Traces for tests, written as text: one span a line, indented by its depth: "service name kind start duration [error]". */
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { buildTree, type SpanTree } from "./tree.ts";

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

export function treeOf(text: string): SpanTree {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const least = Math.min(...lines.map((line) => line.search(/\S/)));
  const path: number[] = [];
  const words = lines.map((line) => line.trim().split(/\s+/));
  const parents = lines.map((line, i) => {
    path.length = Math.min(path.length, (line.search(/\S/) - least) / 2);
    const parent = path.at(-1) ?? -1;
    path.push(i);
    return parent;
  });
  const column = (at: number): string[] => words.map((word) => word[at] ?? "");
  const names = [...new Set(column(1))];
  const services = [...new Set(column(0))];
  const skeleton: TraceSkeleton = {
    traceId: "0".repeat(32),
    startUnixNano: "0",
    durationNano: 0,
    spanIds: lines.map((_, i) => i.toString(16).padStart(16, "0")),
    parents,
    starts: column(3).map(Number),
    durations: column(4).map(Number),
    name: column(1).map((name) => names.indexOf(name)),
    service: column(0).map((service) => services.indexOf(service)),
    kind: column(2).map((kind) => kinds.indexOf(kind)),
    status: column(5).map((word) => (word === "error" ? 2 : 0)),
    flags: lines.map(() => 0),
    names,
    services,
    omitted: 0,
  };
  return buildTree(skeleton);
}
