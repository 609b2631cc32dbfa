/** Circles among folders: each strongly connected set of more than one folder, as a path that returns to its start. */
export function findCycles(edges: readonly { readonly from: string; readonly to: string }[]): string[][] {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    if (from === to) continue;
    const targets = graph.get(from);
    if (targets === undefined) graph.set(from, new Set([to]));
    else targets.add(to);
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const start of graph.keys()) {
    if (done.has(start)) continue;
    const cycle = shortestWayBack(graph, start);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    for (const folder of cycle) done.add(folder);
  }
  return cycles;
}

function shortestWayBack(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  start: string,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const next of graph.get(at) ?? []) {
      if (next === start) {
        const way = [start];
        for (
          let back: string | undefined = at;
          back !== undefined && back !== start;
          back = cameFrom.get(back)
        )
          way.unshift(back);
        return [start, ...way];
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, at);
        queue.push(next);
      }
    }
  }
  return undefined;
}
