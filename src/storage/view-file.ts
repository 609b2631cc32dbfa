/** Saved views in one JSON file: few, small, and written whole, so that a crash leaves the old ones or the new ones. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, OtelierError } from "../base/error.ts";
import { mostViews, viewProblem, type SavedView, type SavedViews } from "./saved-views.ts";

/** `path`: made when the first view is saved. One at a time may use the file. */
export function openViewFile(path: string): SavedViews {
  // Changes follow each other, so that none builds on what another replaces.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = last.then(change, change);
    last = next.catch(() => undefined);
    return next;
  }
  return {
    list: () => inTurn(() => readViews(path)),
    save: (view) =>
      inTurn(async () => {
        const problem = viewProblem(view);
        if (problem !== undefined) throw refused(problem);
        const others = (await readViews(path)).filter(({ name }) => name !== view.name);
        if (others.length >= mostViews)
          throw refused(`there are ${mostViews} views already: remove one that nobody uses`);
        await writeViews(path, [...others, view]);
      }),
    remove: (name) =>
      inTurn(async () => {
        const views = await readViews(path);
        const kept = views.filter((view) => view.name !== name);
        if (kept.length === views.length) return false;
        await writeViews(path, kept);
        return true;
      }),
  };
}

async function readViews(path: string): Promise<readonly SavedView[]> {
  try {
    const content: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!Array.isArray(content)) throw new Error("it holds no list");
    return content.filter(isView).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return [];
    throw new OtelierError(`cannot read the saved views in ${path}: ${messageOf(error)}`, {
      code: "cannot-read-file",
      outcome: "permanent",
    });
  }
}

function isView(value: unknown): value is SavedView {
  const { name, address, savedMs } = (value ?? {}) as Partial<Record<keyof SavedView, unknown>>;
  return (
    typeof name === "string" &&
    typeof address === "string" &&
    typeof savedMs === "number" &&
    viewProblem({ name, address }) === undefined
  );
}

async function writeViews(path: string, views: readonly SavedView[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(views, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function refused(message: string): OtelierError {
  return new OtelierError(message, { code: "bad-parameter", outcome: "permanent" });
}
