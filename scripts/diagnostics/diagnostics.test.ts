import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { codesIn, helpersIn } from "./find-codes.ts";

const root = path.resolve(import.meta.dirname, "../..");
const pagesFolder = path.join(root, "docs/diagnostics");
const pages = readdirSync(pagesFolder)
  .filter((name) => name !== "README.md")
  .map((name) => path.basename(name, ".md"));

function sources(): string[] {
  return readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.(test|reference)\.ts$|testdata|fixture/.test(name))
    .map((name) => readFileSync(path.join(root, "src", name), "utf8"));
}

/** Reasons of losses, which may have pages too. */
function reasonsIn(text: string): string[] {
  return [...text.matchAll(/\breason: "([a-z-]+)"/g)].map(([, reason]) => reason ?? "");
}

test("every code has its page, and every page its code or reason of loss", () => {
  const texts = sources();
  const shared = texts.flatMap((text) => helpersIn(text, true));
  const codes = new Set(texts.flatMap((text) => [...codesIn(text, shared)]));
  const used = new Set([...codes, ...texts.flatMap(reasonsIn)]);
  expect({
    "codes without a page in docs/diagnostics": [...codes].filter((code) => !pages.includes(code)),
    "pages of codes that nothing uses": pages.filter((page) => !used.has(page)),
  }).toEqual({ "codes without a page in docs/diagnostics": [], "pages of codes that nothing uses": [] });
});

test.each(pages)("%s is short and well made", (page) => {
  const text = readFileSync(path.join(pagesFolder, `${page}.md`), "utf8");
  expect(text.split("\n", 1)[0]).toMatch(new RegExp(`^# ${page}: .+[^.]$`));
  expect(text.length).toBeLessThan(2500);
  expect(text.split("```").length % 2).toBe(1);
});

describe("codes are found in", () => {
  test.each([
    ['const problem = { severity: "error", code: "bad-thing" };', ["bad-thing"]],
    [
      'throw new OtelierError(`a, ${b}`, { code: full ? "disk-full" : "write-failed", outcome });',
      ["disk-full", "write-failed"],
    ],
    ['({ code: known?.code ?? "several-failures", outcome });', ["several-failures"]],
    ['({ code: error.code === "queue-full" ? "a-b" : "c-d" });', ["a-b", "c-d"]],
    ['function fail(code: string, why: string): void {}\nfail("too-big", "some-thing");', ["too-big"]],
    ['const make = (why: string, code: string) => 1;\nmake("some-thing (a, b)", "too-big");', ["too-big"]],
    [
      'function report(code = "bad-option"): void {}\nreport(\n  "deprecated-option",\n);',
      ["bad-option", "deprecated-option"],
    ],
    ['interface A { readonly code: "clock-skew" }', []],
    ['// code: "in-comment"\n/* code: "in-comment" */', []],
    ['if (error.code === "engine-down") return;', []],
  ])("%s", (source, codes) => {
    expect([...codesIn(source)].toSorted()).toEqual(codes);
  });
});
