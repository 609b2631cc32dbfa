/** Reads the layer table and the doors out of ARCHITECTURE.md. */
export interface LayerTables {
  /** Module pattern -> row. */
  readonly rows: ReadonlyMap<string, number>;
  /** Allowed imports within a row: [from, to]. */
  readonly also: readonly (readonly [string, string])[];
  /** Forbidden whatever the rows say: [from, to]. */
  readonly never: readonly (readonly [string, string])[];
  readonly doors: readonly { readonly modules: readonly string[]; readonly homes: readonly string[] }[];
}

/** Throws when the page has no table: an unchecked rule is none. */
export function parseTables(markdown: string): LayerTables {
  const rows = new Map<string, number>();
  const also: [string, string][] = [];
  const never: [string, string][] = [];
  for (const [row = "", modules = "", alsoCell = "", neverCell = ""] of tableUnder(markdown, "## Layers")) {
    for (const name of code(modules)) rows.set(name.replace(/\.ts$/, ".ts"), Number(row));
    also.push(...pairs(alsoCell));
    never.push(...pairs(neverCell));
  }
  const doors = tableUnder(markdown, "## Doors").map(([what = "", homes = ""]) => ({
    modules: code(what),
    homes: code(homes),
  }));
  if (rows.size === 0 || doors.length === 0)
    throw new Error("ARCHITECTURE.md holds no layer table or no doors");
  return { rows, also, never, doors };
}

function tableUnder(markdown: string, heading: string): string[][] {
  const section = markdown.split(/^(?=## )/m).find((part) => part.startsWith(heading)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function code(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

/** "`a` `b` -> `c`; `d` -> `e`": each name left of an arrow with each name right of it. */
function pairs(cell: string): [string, string][] {
  return cell.split(/[,;]/).flatMap((part) => {
    const [left = "", right = ""] = part.split("->");
    return code(left).flatMap((from) => code(right).map((to): [string, string] => [from, to]));
  });
}
