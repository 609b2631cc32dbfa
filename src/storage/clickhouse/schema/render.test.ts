import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { migrations, checksumOf } from "./migrations.ts";
import type { Target } from "./render.ts";
import { storedColumns } from "./table-spec.ts";
import { tables } from "./tables.ts";

const targets: readonly (readonly [string, Target])[] = [
  ["single", { kind: "single", database: "otelier", embedded: true }],
  ["cluster", { kind: "cluster", database: "otelier", cluster: "my-cluster" }],
];

describe("rendered DDL", () => {
  // A released migration must never change: a difference here asks for a new one. The cluster form has never run on a real cluster.
  it.each(targets)("%s", async (name, target) => {
    const text = migrations
      .flatMap((migration) => [`-- ${migration.number}: ${migration.name}`, ...migration.statements(target)])
      .join(";\n\n");
    await expect(`${text};\n`).toMatchFileSnapshot(
      fileURLToPath(new URL(`./testdata/${name}.sql`, import.meta.url)),
    );
  });

  it("has one checksum for all databases", () => {
    const [first] = migrations;
    expect(first && checksumOf(first)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("tables", () => {
  it.each(tables.map((table) => [table.name, table] as const))("%s names its columns once", (_, table) => {
    const names = storedColumns(table).map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
    for (const key of table.primaryKey ?? []) expect(table.orderBy).toContain(key);
    expect(table.orderBy[0]).toBe("Tenant");
  });
});
