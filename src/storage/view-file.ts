/** Saved views in one JSON file: few, small, and written whole, so that a crash leaves the old ones or the new ones. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, OtelierError } from "../base/error.ts";
import { mostViews, mostViewsOfAll, viewProblem, type SavedView, type SavedViews } from "./saved-views.ts";

/** As it is kept; without a tenant where there is one only. */
interface KeptView extends SavedView {
  readonly tenant?: string;
}

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
    list: (tenant) => inTurn(async () => (await readViews(path)).filter(isOf(tenant)).map(withoutTenant)),
    save: (tenant, view) =>
      inTurn(async () => {
        const problem = viewProblem(view);
        if (problem !== undefined) throw refused(problem);
        const isMine = isOf(tenant);
        const others = (await readViews(path)).filter((one) => !isMine(one) || one.name !== view.name);
        if (others.filter(isMine).length >= mostViews)
          throw refused(`there are ${mostViews} views already: remove one that nobody uses`);
        if (others.length >= mostViewsOfAll)
          throw refused(`all tenants together have ${mostViewsOfAll} views already`);
        await writeViews(path, [...others, tenant === "" ? view : { ...view, tenant }]);
      }),
    remove: (tenant, name) =>
      inTurn(async () => {
        const views = await readViews(path);
        const isMine = isOf(tenant);
        const kept = views.filter((view) => !isMine(view) || view.name !== name);
        if (kept.length === views.length) return false;
        await writeViews(path, kept);
        return true;
      }),
  };
}

function isOf(tenant: string): (view: KeptView) => boolean {
  return (view) => (view.tenant ?? "") === tenant;
}

function withoutTenant({ name, address, savedMs }: KeptView): SavedView {
  return { name, address, savedMs };
}

async function readViews(path: string): Promise<readonly KeptView[]> {
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

function isView(value: unknown): value is KeptView {
  const { name, address, savedMs, tenant } = (value ?? {}) as Partial<Record<keyof KeptView, unknown>>;
  return (
    (tenant === undefined || typeof tenant === "string") &&
    typeof name === "string" &&
    typeof address === "string" &&
    typeof savedMs === "number" &&
    viewProblem({ name, address }) === undefined
  );
}

async function writeViews(path: string, views: readonly KeptView[]): Promise<void> {
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
