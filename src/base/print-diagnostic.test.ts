import { describe, expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { hasErrors } from "./diagnostic.ts";
import { printDiagnostic } from "./print-diagnostic.ts";

const file = "otelier.yaml";

function frame(text: string, start: number, end: number): string {
  const diagnostic: Diagnostic = {
    severity: "error",
    code: "bad-option",
    message: "cannot use it",
    range: { file, start, end },
    hint: "write another",
  };
  return printDiagnostic(diagnostic, { sources: new Map([[file, text]]) });
}

/** The frame between the head and the hint. */
function body(place: string, line: string, carets: string): string {
  return `error[bad-option]: cannot use it\n  --> ${file}:${place}\n${line}\n${carets}\n  hint: write another`;
}

describe("code frames", () => {
  test.each([
    ["the first line", "abc: def\nx: y\n", [0, 3], "1:1", "    1 | abc: def", "      | ^^^"],
    ["the last line, without a line break", "a: 1\nb: 22", [8, 10], "2:4", "    2 | b: 22", "      |    ^^"],
    ["behind a tab", "\tkey:\tvalue\n", [6, 11], "1:7", "    1 | \tkey:\tvalue", "      | \t    \t^^^^^"],
    ["a file with CRLF", "a: 1\r\nb: 2\r\n", [9, 10], "2:4", "    2 | b: 2", "      |    ^"],
    [
      "several lines, marked to the end of the first",
      "a:\n  b\n  c\n",
      [5, 10],
      "2:3",
      "    2 |   b",
      "      |   ^",
    ],
    ["nothing, as one place", "a: \n", [3, 3], "1:4", "    1 | a: ", "      |    ^"],
    ["the end of the file", "a: 1", [4, 4], "1:5", "    1 | a: 1", "      |     ^"],
    ["the empty line behind the last line break", "a: 1\n", [5, 5], "2:1", "    2 | ", "      | ^"],
    ["past the end", "a: 1", [90, 99], "1:5", "    1 | a: 1", "      |     ^"],
    ["an empty file", "", [0, 0], "1:1", "    1 | ", "      | ^"],
    ["line 100", `${"\n".repeat(99)}x`, [99, 100], "100:1", "  100 | x", "      | ^"],
  ] as const)("%s", (_, text, [start, end], place, line, carets) => {
    expect(frame(text, start, end)).toBe(body(place, line, carets));
  });

  test("a file whose text is unknown is named only", () => {
    const range = { file: "gone.yaml", start: 1, end: 2 };
    expect(printDiagnostic({ severity: "warning", code: "c", message: "m", range })).toBe(
      "warning[c]: m\n  --> gone.yaml",
    );
  });
});

test("without a place there is a head and a hint", () => {
  expect(printDiagnostic({ severity: "info", code: "c", message: "m" })).toBe("info[c]: m");
  expect(printDiagnostic({ severity: "info", code: "c", message: "m", hint: "h" })).toBe(
    "info[c]: m\n  hint: h",
  );
});

test("only the head is painted", () => {
  const text = printDiagnostic({ severity: "error", code: "c", message: "m", hint: "h" }, { colour: true });
  expect(text).toBe("\u001b[1m\u001b[31merror[c]\u001b[0m: m\n  hint: h");
});

test.each([
  [[], false],
  [["warning", "info"], false],
  [["warning", "error"], true],
] as const)("%j has errors: %s", (severities, expected) => {
  const diagnostics = severities.map((severity) => ({ severity, code: "c", message: "m" }));
  expect(hasErrors(diagnostics)).toBe(expected);
});
