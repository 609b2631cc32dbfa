import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findGo, findPython } from "./toolchains.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-toolchains-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A PATH that holds nothing but the given programs; each is a shell script. */
function pathWith(name: string, programs: Readonly<Record<string, string>>): { PATH: string } {
  const directory = mkdtempSync(path.join(folder, `${name}-`));
  for (const [program, script] of Object.entries(programs)) {
    const file = path.join(directory, program);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  return { PATH: directory };
}

const pythonRemedy = "install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)";
const goRemedy = "install Go 1.22 or newer (https://go.dev/dl, or Debian: apt-get install golang)";

test.each([
  ["nothing on the PATH", {}, "python3 not found"],
  ["too old", { python3: "echo 3.8.10" }, "python3 is 3.8.10"],
  [
    "without ensurepip",
    { python3: "echo 3.11.2; exit 1" },
    "python3 3.11.2 cannot make virtual environments",
  ],
  ["a shim without a version behind it", { python3: "exit 127" }, "python3 not found"],
])("python: %s", async (name, programs: Readonly<Record<string, string>>, what) => {
  const line = `${what}: the "reviews" service will not run; ${pythonRemedy}`;
  expect(await findPython(pathWith(name, programs))).toEqual({ kind: "missing", line });
});

test("python: a newer one beside an old one is taken", async () => {
  const environment = pathWith("two", { python3: "echo 3.9.2", "python3.12": "echo 3.12.1" });
  expect(await findPython(environment)).toEqual({ kind: "found", command: "python3.12", version: "3.12.1" });
});

test.each([
  ["nothing on the PATH", {}, "go not found"],
  ["too old", { go: "echo go version go1.19.8 linux/amd64" }, "go is 1.19.8"],
])("go: %s", async (name, programs: Readonly<Record<string, string>>, what) => {
  const line = `${what}: the "inventory" service will not run; ${goRemedy}`;
  expect(await findGo(pathWith(name, programs))).toEqual({ kind: "missing", line });
});

test("go: new enough", async () => {
  const environment = pathWith("new", { go: "echo go version go1.22 linux/arm64" });
  expect(await findGo(environment)).toEqual({ kind: "found", command: "go", version: "1.22" });
});
