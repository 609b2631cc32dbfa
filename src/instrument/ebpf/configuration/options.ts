import { RE2JS } from "re2js";
import type { ScalarOption } from "../../../pipeline/settings/schema.ts";
import { parsePorts, type PortRange } from "../discovery/selection.ts";

/** "80", 80, "80,443,8000-8999"; undefined when absent. */
export function ports(doc: string): ScalarOption<readonly PortRange[] | undefined> {
  return {
    kind: "scalar",
    goType: "string",
    doc,
    read: ({ text }) => {
      const value = parsePorts(text);
      return value === undefined
        ? { problem: `is no list of ports, got "${text}"`, hint: "such as 80,443,8000-8999" }
        : { value };
    },
    print: (ranges) =>
      (ranges ?? [])
        .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
        .join(","),
  };
}

/** A regular expression in RE2's syntax, as Go has it; undefined when absent. */
export function pattern(doc: string): ScalarOption<string | undefined> {
  return {
    kind: "scalar",
    goType: "string",
    doc,
    read: ({ text }) => {
      try {
        RE2JS.compile(text);
        return { value: text };
      } catch {
        return {
          problem: `is no regular expression, got "${text}"`,
          hint: "write it as Go's regexp package takes it",
        };
      }
    },
    print: (value) => value ?? "",
  };
}

/** Any scalar as it is written; undefined when absent. */
export function word(doc: string): ScalarOption<string | undefined> {
  return {
    kind: "scalar",
    goType: "string",
    doc,
    read: ({ text }) => ({ value: text }),
    print: (value) => value ?? "",
  };
}

/** A key whose value must not be passed over: it is always a problem. */
export function refused(problem: string): ScalarOption<string | undefined> {
  return { ...word(problem), read: () => ({ problem }) };
}
