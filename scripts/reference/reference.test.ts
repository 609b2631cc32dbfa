import { describe, expect, it } from "vitest";
import {
  duration,
  enumOf,
  list,
  optionalSection,
  secret,
  section,
  text,
} from "../../src/pipeline/settings/options.ts";
import { componentReadme } from "./component-pages.ts";
import { optionTable } from "./option-table.ts";
import type { Factory } from "../../src/pipeline/component.ts";

interface Example {
  readonly timeout: number;
  readonly mode: "a" | "b";
  readonly key: string;
  readonly rules: readonly { readonly name: string }[];
  readonly tls: { readonly old: string } | undefined;
}
const example = section<Example>({
  timeout: duration({ default: "90s", doc: "longest | wait" }),
  mode: enumOf(["a", "b"], { default: "a", doc: "mode", example: "b" }),
  key: secret({ default: "hidden", doc: "key" }),
  rules: list(section({ name: text({ required: true, doc: "name" }) }), { doc: "rules" }),
  tls: optionalSection<{ readonly old: string }>(
    { old: text({ default: "", doc: "old", ignored: "no reason" }) },
    { doc: "tls" },
  ),
});

describe("reference pages", () => {
  it("lists options by path, without secrets", () => {
    expect(optionTable(example).split("\n").slice(2)).toEqual([
      "| `timeout` | duration | `1m30s` | longest \\| wait |",
      "| `mode` | `a`, `b` | `a` | mode; example: `b` |",
      "| `key` | string, secret |  | key |",
      "| `rules` | list of sections |  | rules |",
      "| `rules[].name` | string | required | name |",
      "| `tls` | section | off | tls |",
      "| `tls.old` | string |  | old; **accepted without effect**: no reason |",
    ]);
  });

  it("replaces its own part of a README and keeps the prose", () => {
    const factory = {
      kind: "extension",
      type: "x",
      summary: "Does x.",
      config: section<object>({}),
      stability: "beta",
      create: () => ({ start: () => Promise.resolve(), shutdown: () => Promise.resolve() }),
    } satisfies Factory<object>;
    const first = componentReadme(factory, "# x\n\nProse.\n");
    const edited = first
      .replace("This component has no options.", "stale")
      .replace("Prose.", "Better prose.");
    expect(componentReadme(factory, edited)).toBe(first.replace("Prose.", "Better prose."));
  });
});
