import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import type { Factory } from "../pipeline/component.ts";
import { SenderRegistry } from "../pipeline/senders/sender-registry.ts";
import { componentFactories } from "./index.ts";

const environment = { senders: new SenderRegistry({ clock: systemClock }) };
const factories = componentFactories(environment) as readonly unknown[] as readonly Factory[];
const listed = factories.map((factory) => `${factory.kind}s/${factory.type}`);
const kinds = ["receivers", "processors", "exporters", "connectors", "extensions"];
const folders = kinds.flatMap((kind) =>
  readdirSync(path.join(import.meta.dirname, kind)).map((name) => `${kind}/${name}`),
);

describe("components", () => {
  it("are listed once each, and each folder is listed", () => {
    expect(listed.toSorted()).toEqual([...new Set(folders)].toSorted());
  });

  it.each(folders)("%s has the files of a component", (folder) => {
    const files = readdirSync(path.join(import.meta.dirname, folder));
    for (const name of ["config.ts", "factory.ts", "README.md"]) expect(files).toContain(name);
    expect(existsSync(path.join(import.meta.dirname, folder, "index.ts"))).toBe(false);
  });
});
