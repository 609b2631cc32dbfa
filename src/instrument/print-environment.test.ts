import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { printEnvironment } from "./print-environment.ts";

const variables = {
  PLAIN: "http://127.0.0.1:4318",
  QUOTED: `it's "here" $HOME \\ 100%`,
};

test("shell: what the shell reads back", () => {
  const script = printEnvironment(variables, "shell", ["a note"]);
  expect(script).toMatch(/^# a note\nexport PLAIN=http:\/\/127\.0\.0\.1:4318\n/);
  const values = execFileSync("sh", ["-c", `${script}printf '%s|%s' "$PLAIN" "$QUOTED"`], {
    encoding: "utf8",
  });
  expect(values).toBe(`${variables.PLAIN}|${variables.QUOTED}`);
});

test("docker", () => {
  expect(printEnvironment(variables, "docker")).toBe(
    'ENV PLAIN="http://127.0.0.1:4318"\nENV QUOTED="it\'s \\"here\\" \\$HOME \\\\ 100%"\n',
  );
});

test("compose: YAML whose dollars are doubled", () => {
  const parsed: unknown = parse(printEnvironment(variables, "compose"));
  expect(parsed).toEqual({
    environment: { PLAIN: variables.PLAIN, QUOTED: variables.QUOTED.replace("$", "$$$$") },
  });
});

test("json", () => {
  expect(JSON.parse(printEnvironment(variables, "json", ["left out"]))).toEqual(variables);
});
