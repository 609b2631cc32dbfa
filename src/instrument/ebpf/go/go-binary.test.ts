import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withoutGo } from "../../../../test/fakes/go-toolchains.ts";
import { fileOffset, withElfFile } from "../elf/elf.ts";
import { readGoBinary } from "./binary.ts";
import { readBuildInfo } from "./build-info.ts";
import { findFunctions, readFunctionTable } from "./function-table.ts";
import { functionsOf, goroutineProbes, instrumentations } from "./probes.ts";
import { returnSites } from "./return-sites.ts";

const lacking = withoutGo("readers of Go programs");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-go-binary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Uses of the standard library what is traced. */
const source = `package main

import (
	"database/sql"
	"net/http"
)

func main() {
	if db, err := sql.Open("none", ""); err == nil {
		db.Query("SELECT 1")
		db.Exec("SELECT 1")
		http.Get("http://localhost")
		http.Serve(nil, http.NewServeMux())
	}
}
`;
const { names: watched } = functionsOf([
  ...goroutineProbes,
  ...instrumentations.flatMap(({ probes }) => probes),
]);
/** The example uses the standard library only. */
const used = instrumentations.filter(({ required }) =>
  required.every((name) => !/^[\w.]+\.\w+\//.test(name)),
);

const builds = [
  ["plain", []],
  ["stripped", ["-ldflags=-s -w"]],
  ["position-independent and stripped", ["-buildmode=pie", "-ldflags=-s -w"]],
  ...(spawnSync("gcc", ["--version"]).status === 0
    ? ([
        ["linked by a C linker", ["-ldflags=-linkmode=external"]],
        [
          "position-independent and linked by a C linker",
          ["-buildmode=pie", "-ldflags=-linkmode=external -s -w"],
        ],
      ] as const)
    : []),
] as const;

describe.skipIf(lacking !== undefined)("a program of the Go tool chain", () => {
  const fileOf = (name: string): string => path.join(folder, name.replaceAll(" ", "-"));

  beforeAll(() => {
    writeFileSync(path.join(folder, "main.go"), source);
    writeFileSync(path.join(folder, "go.mod"), "module probe.example/probe\n\ngo 1.18\n");
    for (const [name, flags] of builds) {
      execFileSync("go", ["build", ...flags, "-o", fileOf(name), "."], { cwd: folder });
    }
  }, 180_000);

  test("has the variables of its runtime where the tool chain's own listing has them", () => {
    const listed = execFileSync("go", ["tool", "nm", fileOf("plain")], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const address = (name: string): bigint =>
      BigInt(`0x${new RegExp(`^\\s*([0-9a-f]+) \\w runtime\\.${name}$`, "m").exec(listed)?.[1]}`);
    const { runtime, notes } = readGoBinary(fileOf("plain"));
    expect(runtime).toMatchObject({
      memstats: address("memstats"),
      gcController: address("gcController"),
      sched: address("sched"),
      allgs: address("allgs"),
      allp: [address("allp")],
    });
    expect(notes).toEqual([]);
  });

  test("of a version that was not tried is watched without its layouts, and a note says so", () => {
    const { version, minor } = readGoBinary(fileOf("plain")).build;
    const bytes = readFileSync(fileOf("plain"));
    const unknown = version.replace(`.${minor}`, ".99");
    for (let at = 0; (at = bytes.indexOf(`go${version}`, at)) !== -1; at++) bytes.write(`go${unknown}`, at);
    writeFileSync(fileOf("unknown"), bytes);
    const { notes, sites } = readGoBinary(fileOf("unknown"));
    expect(notes).toEqual([expect.stringMatching(`^Go ${unknown} was not tried`)]);
    const known = readGoBinary(fileOf("plain")).sites.map(({ program }) => program);
    const byLayout = [
      "goroutine_made",
      "go_statement",
      "server_connection",
      "server_stream_end",
      "client_connection",
      "client_write",
    ];
    expect(new Set(sites.map(({ program }) => program))).toEqual(
      new Set([
        ...known.filter((program) => !byLayout.includes(program)),
        "header_line",
        "goroutine_start",
        "goroutine_end",
      ]),
    );
  });

  test.each(builds.map(([name]) => name))("build information, %s", (name) => {
    const version = /go(\S+)/.exec(execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }))?.[1];
    expect(readGoBinary(fileOf(name)).build).toMatchObject({
      version,
      major: 1,
      mainPackage: "probe.example/probe",
    });
  });

  test("functions stand where the tool chain's own listing has them", () => {
    const listed = new Map(
      execFileSync("go", ["tool", "nm", fileOf("plain")], { encoding: "utf8", maxBuffer: 1 << 28 })
        .split("\n")
        .map((line) => /^\s*([0-9a-f]+) [tT] (.+)$/.exec(line))
        .flatMap((match) => (match === null ? [] : [[match[2]!, BigInt(`0x${match[1]}`)] as const])),
    );
    const found = withElfFile(fileOf("plain"), (elf) => findFunctions(readFunctionTable(elf), watched));
    expect([...found].map(([name, { address }]) => [name, address])).toEqual(
      [...found].map(([name]) => [name, listed.get(name)]),
    );
    expect([...found.keys()]).toEqual(expect.arrayContaining(used.flatMap(({ required }) => required)));
  });

  test("returns stand where the tool chain's own listing has them", () => {
    const names = used.flatMap(({ required }) => required);
    const mine = withElfFile(fileOf("plain"), (elf) =>
      [...findFunctions(readFunctionTable(elf), new Set(names)).values()].flatMap(({ address, size }) => {
        const code = elf.bytes(fileOffset(elf, address)!, size);
        return (returnSites(code, process.arch === "arm64" ? "arm64" : "x64") ?? []).map((site) =>
          (address + BigInt(site)).toString(16),
        );
      }),
    );
    const pattern = names.map((name) => name.replace(/[().*[\]]/g, "\\$&")).join("|");
    const listed = execFileSync("go", ["tool", "objdump", "-s", `^(${pattern})$`, fileOf("plain")], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const theirs = [...listed.matchAll(/0x([0-9a-f]+)\t+[0-9a-f]+\t+RET\s*$/gm)].map((match) => match[1]);
    expect(mine.length).toBeGreaterThan(0);
    expect(new Set(mine)).toEqual(new Set(theirs));
  });

  test.skipIf(process.arch !== "x64")(
    "go statements stand where the tool chain's own listing has them, without that of each request",
    () => {
      const { build, sites, statements } = readGoBinary(fileOf("plain"));
      const mine = sites.filter(({ program }) => program === "go_statement").map(({ offset }) => offset);
      // Goroutines of older versions do not know who made them.
      if (build.minor < 21) {
        expect(mine).toEqual([]);
        return;
      }
      const listed = execFileSync("go", ["tool", "objdump", fileOf("plain")], {
        encoding: "utf8",
        maxBuffer: 1 << 29,
      });
      const theirs = listed
        .split("\nTEXT ")
        .filter((text) => !text.startsWith("net/http.(*connReader).startBackgroundRead("))
        .flatMap((text) => [...text.matchAll(/0x([0-9a-f]+)\t+[0-9a-f]+\t+CALL runtime\.newproc\(SB\)/g)])
        .map((match) => withElfFile(fileOf("plain"), (elf) => fileOffset(elf, BigInt(`0x${match[1]}`))));
      expect(theirs.length).toBeGreaterThan(10);
      expect(new Set(mine)).toEqual(new Set(theirs));
      const counter = execFileSync("go", ["tool", "nm", fileOf("plain")], {
        encoding: "utf8",
        maxBuffer: 1 << 28,
      }).match(/^\s*([0-9a-f]+) \w runtime\.sched$/m);
      expect(statements?.lastNumber).toBe(BigInt(`0x${counter?.[1]}`));
      expect(readGoBinary(fileOf("position-independent and stripped")).statements?.lastNumber).toBe(0n);
    },
  );

  test.skipIf(process.arch !== "x64")(
    "what every request passes is watched where the kernel stops once",
    () => {
      const bytes = readFileSync(fileOf("plain"));
      const { sites } = readGoBinary(fileOf("plain"));
      for (const program of [
        "server_start",
        "server_end",
        "server_route",
        "goroutine_made",
        "go_statement",
      ]) {
        const { minor } = readGoBinary(fileOf("plain")).build;
        // Old versions ask for the route in a way whose result is in no register afterwards; 1.22 only when it behaves as those.
        if (program === "server_route" && minor < 22) continue;
        const all = sites.filter((site) => site.program === program);
        for (const { offset } of program === "server_route" && minor === 22 ? all.slice(0, 1) : all) {
          const opcode = bytes[offset]!;
          const isCarriedOut = [0x0f, 0xe8, 0xe9, 0xeb, 0x55].includes(opcode) || (opcode & 0xf0) === 0x70;
          expect([program, isCarriedOut]).toEqual([program, true]);
        }
      }
    },
  );

  test.each(builds.slice(1).map(([name]) => name))("the same code is watched when it is %s", (name) => {
    const codeOf = (file: string): readonly string[] =>
      readGoBinary(file).sites.map(({ program, offset }) => {
        const start = readFileSync(file)
          .subarray(offset, offset + 1)
          .toString("hex");
        return `${program} ${program.endsWith("_end") || program === "header_line" ? start : ""}`;
      });
    expect(new Set(codeOf(fileOf(name)))).toEqual(new Set(codeOf(fileOf("plain"))));
    expect(readGoBinary(fileOf(name))).toMatchObject({
      libraries: ["net/http server", "net/http client", "database/sql"],
      notes: [],
    });
  });
});

test.each([
  ["a program of another language", process.execPath, "it is no Go program"],
  ["a text", import.meta.filename, "it is no 64-bit little-endian ELF file"],
])("%s is left alone", (_, file, reason) => {
  expect(() => readGoBinary(file)).toThrow(reason);
});

test("a cut file is no Go program", () => {
  const cut = path.join(folder, "cut");
  writeFileSync(cut, readFileSync(process.execPath).subarray(0, 4096));
  expect(withElfFile(cut, readBuildInfo)).toBeUndefined();
});
