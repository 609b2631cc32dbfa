import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { withoutGo } from "../../../../test/fakes/go-toolchains.ts";
import { withElfFile } from "../elf/elf.ts";
import { readBuildInfo } from "./build-info.ts";
import { findFunctions, readFunctionTable } from "./function-table.ts";
import { runtimeFunctions, runtimeVariables } from "./runtime-variables.ts";

const lacking = withoutGo("variables of Go's runtime");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-runtime-variables-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(lacking !== undefined).each([
  ["amd64", "x64"],
  ["arm64", "arm64"],
] as const)("code for %s tells the same variables as symbols do", (architecture, machine) => {
  const file = path.join(folder, architecture);
  writeFileSync(path.join(folder, "main.go"), "package main\n\nfunc main() {}\n");
  writeFileSync(path.join(folder, "go.mod"), "module small.example/small\n\ngo 1.18\n");
  const env = { ...process.env, GOOS: "linux", GOARCH: architecture, CGO_ENABLED: "0" };
  execFileSync("go", ["build", "-o", file, "."], { cwd: folder, env });
  withElfFile(file, (elf) => {
    const functions = findFunctions(readFunctionTable(elf), new Set(runtimeFunctions));
    const { minor } = readBuildInfo(elf)!;
    const bySymbols = runtimeVariables(elf, machine, functions, minor);
    const stripped = { ...elf, sections: elf.sections.filter(({ name }) => name !== ".symtab") };
    const byCode = runtimeVariables(stripped, machine, functions, minor);
    expect(Object.values(bySymbols).flat()).not.toContain(undefined);
    expect(bySymbols.allp).toHaveLength(1);
    // Of several slices the one is known by what is in it when the program runs.
    expect({ ...byCode, allp: byCode.allp.slice(0, 1) }).toEqual(bySymbols);

    const without = runtimeVariables(stripped, machine, new Map(), minor);
    expect(without).toEqual({ allp: [] });
  });
});
