import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { fileProblem } from "./file-problem.ts";

const here = import.meta.filename;

it.each([
  [path.join(import.meta.dirname, "none.yaml"), "there is no such file or directory"],
  [import.meta.dirname, "it is a directory, not a file"],
  [path.join(here, "x"), "a part of the path is a file, not a directory"],
  [path.join(import.meta.dirname, "x".repeat(300)), "the name is too long"],
])("%s", (file, expected) => {
  let thrown: unknown;
  try {
    readFileSync(file, "utf8");
  } catch (error) {
    thrown = error;
  }
  expect(fileProblem(thrown)).toBe(expected);
});

it("keeps the words of other errors", () => {
  expect(fileProblem(new Error("refused"))).toBe("refused");
});
