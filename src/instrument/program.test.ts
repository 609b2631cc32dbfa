import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { wantedRuntimes } from "./wanted-runtimes.ts";
import { isGoBinary } from "./go-binary.ts";
import { findProgram, type Program } from "./program.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-program-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const made = path.join(folder, name);
  writeFileSync(made, content);
  chmodSync(made, 0o755);
  return made;
}

/** The smallest little-endian 64-bit ELF file with these section names. */
function elf(names: readonly string[]): Buffer {
  const table = Buffer.from(`\0${names.join("\0")}\0.shstrtab\0`, "latin1");
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46);
  header[4] = 2;
  header[5] = 1;
  header.writeBigUInt64LE(64n, 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(1, 0x3c);
  header.writeUInt16LE(0, 0x3e);
  const section = Buffer.alloc(64);
  section.writeBigUInt64LE(128n, 0x18);
  section.writeBigUInt64LE(BigInt(table.length), 0x20);
  return Buffer.concat([header, section, table]);
}

describe("isGoBinary", () => {
  test.each([
    ["a Go program", elf([".text", ".go.buildinfo"]), true],
    ["a C program", elf([".text", ".note.gnu.build-id"]), false],
    ["a file cut after its header", elf([".go.buildinfo"]).subarray(0, 70), false],
    ["a script", Buffer.from("#!/bin/sh\n"), false],
    ["an empty file", Buffer.alloc(0), false],
  ])("%s", (name, content, expected) =>
    expect(isGoBinary(file(name.replaceAll(" ", "-"), content))).toBe(expected),
  );

  test("Node.js itself is none, a missing file is none", () => {
    expect(isGoBinary(process.execPath)).toBe(false);
    expect(isGoBinary("/no/such/file")).toBe(false);
  });
});

describe("findProgram", () => {
  file("python3.12", "#!/bin/sh\n");
  test.each([
    ["python3.12", "", "python", path.join(folder, "python3.12")],
    ["flask-short", `#!${folder}/python3.12\n`, "python", path.join(folder, "python3.12")],
    ["flask-env", "#!/usr/bin/env python3.12\n", "python", path.join(folder, "python3.12")],
    [
      "flask-long",
      `#!/bin/sh\n'''exec' ${folder}/python3.12 "$0" "$@"\n' '''\n`,
      "python",
      path.join(folder, "python3.12"),
    ],
    ["npm-like", "#!/usr/bin/env node\n", "node", undefined],
    ["node-flags", "#!/usr/bin/env -S node --no-warnings\n", "node", undefined],
    ["mvn", "#!/bin/sh\n", "java", undefined],
    ["dotnet", "\x7fELF", "dotnet", undefined],
    ["bundle", "#!/usr/bin/ruby\n", "ruby", undefined],
    ["ruby-script", "#!/usr/bin/env ruby\n", "ruby", undefined],
    ["php8.2", "#!/bin/sh\n", "php", path.join(folder, "php8.2")],
    ["artisan", "#!/usr/bin/env php8.2\n", "php", path.join(folder, "php8.2")],
    ["start.sh", "#!/bin/bash\n", "other", undefined],
    ["go-program", elf([".go.buildinfo"]), "go", undefined],
  ])("%s", (name, content, runtime, interpreter) => {
    if (content.length > 0) file(name, content);
    expect(findProgram(name, "/", folder)).toEqual({
      path: path.join(folder, name),
      runtime,
      ...(interpreter === undefined ? {} : { interpreter }),
    });
  });

  test("a path is taken from the working directory, not from the PATH", () => {
    file("here", "#!/bin/sh\n");
    expect(findProgram("./here", folder, "").path).toBe(path.join(folder, "here"));
    expect(findProgram("here", folder, "/nowhere")).toEqual({ runtime: "other" });
  });
});

describe("wantedRuntimes", () => {
  const project = mkdtempSync(path.join(folder, "project-"));
  test("by the program, else by the folder, else all", () => {
    const wanted = (runtime: Program["runtime"]): readonly string[] =>
      Object.entries(wantedRuntimes({ runtime }, project)).flatMap(([name, is]) => (is ? [name] : []));
    expect(wanted("python")).toEqual(["python"]);
    expect(wanted("java")).toEqual(["java"]);
    expect(wanted("other")).toEqual(["node", "python", "java"]);
    writeFileSync(path.join(project, "pyproject.toml"), "");
    expect(wanted("other")).toEqual(["python"]);
    writeFileSync(path.join(project, "pom.xml"), "");
    expect(wanted("other")).toEqual(["python", "java"]);
    for (const name of ["Gemfile", "composer.json", "shop.csproj"])
      writeFileSync(path.join(project, name), "");
    expect(wanted("other")).toEqual(["python", "java", "dotnet", "ruby", "php"]);
    expect(wanted("go")).toEqual([]);
  });
});
