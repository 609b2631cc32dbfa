/**
 * Puts the spans of a trace in preorder with integers only; no object per span. Measured in bench/trace-tree (100k spans).
 *
 * Input: columns in order of start time. A span whose parent is missing is a root; spans that only reach each other (a cycle) get
 * the earliest of them as root.
 */
export interface Preorder {
  /** Input row of each output position. */
  readonly order: Int32Array;
  /** Output position of the parent, -1 for roots; always smaller than the own one. */
  readonly parents: Int32Array;
  /** 1 where a parent id was given but not found, by output position. */
  readonly orphan: Uint8Array;
}

export function preorder(spanIds: readonly string[], parentIds: readonly string[]): Preorder {
  const count = spanIds.length;
  const rowOf = new Map<string, number>();
  // The first of spans with one id (a sender's retry) is the parent of their children.
  for (let row = count - 1; row >= 0; row--) rowOf.set(spanIds[row] ?? "", row);
  const parentRow = new Int32Array(count).fill(-1);
  const missing = new Uint8Array(count);
  // Children as linked lists, built backwards so that each list is in order of start time.
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  for (let row = count - 1; row >= 0; row--) {
    const parentId = parentIds[row] ?? "";
    if (parentId === "") continue;
    const parent = rowOf.get(parentId);
    if (parent === undefined) {
      missing[row] = 1;
      continue;
    }
    parentRow[row] = parent;
    nextSibling[row] = firstChild[parent] ?? -1;
    firstChild[parent] = row;
  }

  const order = new Int32Array(count);
  const parents = new Int32Array(count);
  const orphan = new Uint8Array(count);
  const positionOf = new Int32Array(count).fill(-1);
  let position = 0;
  const place = (root: number): void => {
    let row = root;
    let parentPosition = -1;
    for (;;) {
      order[position] = row;
      parents[position] = parentPosition;
      orphan[position] = missing[row] ?? 0;
      positionOf[row] = position++;
      let next = unplaced(firstChild[row] ?? -1);
      // Back up until somebody has a sibling left.
      while (next === -1 && row !== root) {
        next = unplaced(nextSibling[row] ?? -1);
        row = parentRow[row] ?? -1;
      }
      if (next === -1) return;
      parentPosition = positionOf[parentRow[next] ?? -1] ?? -1;
      row = next;
    }
  };
  /** In a cycle the root itself turns up as a child; it is passed over. */
  const unplaced = (row: number): number => {
    let at = row;
    while (at !== -1 && positionOf[at] !== -1) at = nextSibling[at] ?? -1;
    return at;
  };
  for (let row = 0; row < count; row++) if (parentRow[row] === -1) place(row);
  for (let row = 0; row < count; row++) if (positionOf[row] === -1) place(row);
  return { order, parents, orphan };
}
