import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openViewFile } from "./view-file.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "otelier-views-"));
  path = join(directory, "made/views.json");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const view = (name: string, address = "/logs?severity=warn") => ({ name, address, savedMs: 5 });

it("keeps views over a restart, in order of name, the newest of a name", async () => {
  const views = openViewFile(path);
  expect(await views.list("")).toEqual([]);
  await Promise.all([
    views.save("", view("b")),
    views.save("", view("a")),
    views.save("", view("b", "/traces")),
  ]);
  expect(await views.remove("", "none")).toBe(false);
  expect(await openViewFile(path).list("")).toEqual([view("a"), view("b", "/traces")]);
  expect(await views.remove("", "a")).toBe(true);
  expect(await openViewFile(path).list("")).toEqual([view("b", "/traces")]);
  expect(readdirSync(join(directory, "made"))).toEqual(["views.json"]);
});

it("keeps views of tenants apart, under the same name too", async () => {
  const views = openViewFile(path);
  await views.save("", view("a"));
  await views.save("acme", view("a", "/traces"));
  await views.save("globex", view("a", "/map"));
  expect(await views.remove("acme", "a")).toBe(true);
  expect(await views.remove("acme", "a")).toBe(false);
  const lists = await Promise.all(["", "acme", "globex"].map((tenant) => openViewFile(path).list(tenant)));
  expect(lists).toEqual([[view("a")], [], [view("a", "/map")]]);
});

it.each([
  ["a name of spaces", view("  ")],
  ["a long name", view("x".repeat(101))],
  ["another host", view("x", "//example.org/")],
  ["a script", view("x", "javascript:alert(1)")],
])("refuses %s", async (_, given) => {
  await expect(openViewFile(path).save("", given)).rejects.toMatchObject({ code: "bad-parameter" });
});

it("says that a file is broken instead of losing it", async () => {
  const file = join(directory, "views.json");
  writeFileSync(file, "{");
  await expect(openViewFile(file).save("", view("a"))).rejects.toMatchObject({ code: "cannot-read-file" });
});
