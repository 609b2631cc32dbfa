import type { PlanLink, PlanNode } from "./plan-node.ts";

/** The nodes of a cycle, the first one again at the end, starting at a connector where there is one; undefined when there is none. */
export function findCycle(nodes: readonly PlanNode[], links: readonly PlanLink[]): PlanNode[] | undefined {
  const next = new Map<PlanNode, PlanNode[]>();
  for (const { from, to } of links) {
    const targets = next.get(from);
    if (targets === undefined) next.set(from, [to]);
    else targets.push(to);
  }
  const done = new Set<PlanNode>();
  for (const start of nodes) {
    const path: PlanNode[] = [];
    const found = visit(start, path, new Set());
    if (found !== undefined) return rotate(found);
  }
  return undefined;

  function visit(node: PlanNode, path: PlanNode[], onPath: Set<PlanNode>): PlanNode[] | undefined {
    if (onPath.has(node)) return path.slice(path.indexOf(node));
    if (done.has(node)) return undefined;
    path.push(node);
    onPath.add(node);
    for (const target of next.get(node) ?? []) {
      const found = visit(target, path, onPath);
      if (found !== undefined) return found;
    }
    path.pop();
    onPath.delete(node);
    done.add(node);
    return undefined;
  }
}

function rotate(cycle: readonly PlanNode[]): PlanNode[] {
  const start = Math.max(
    0,
    cycle.findIndex((node) => node.kind === "connector"),
  );
  const turned = [...cycle.slice(start), ...cycle.slice(0, start)];
  const [first] = turned;
  return first === undefined ? turned : [...turned, first];
}
