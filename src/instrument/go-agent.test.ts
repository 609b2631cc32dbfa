import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseGoAgent, commandUnder, type GoAgent, type GoAgentName } from "./go-agent.ts";
import { goSidecar } from "./go-sidecar.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-go-agent-"));
const bare = mkdtempSync(path.join(os.tmpdir(), "otelier-go-none-"));
afterAll(() => [folder, bare].forEach((one) => rmSync(one, { recursive: true })));

function script(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}
beforeAll(() => ["otelc", "obi", "otel-go-instrumentation"].forEach((name) => script(name, "exit 0")));

test.each<[GoAgentName | undefined, string[], GoAgentName | RegExp]>([
  [undefined, ["go", "run", "."], "otelc"],
  [undefined, ["/usr/local/go/bin/go", "build", "-o", "x", "."], "otelc"],
  [undefined, ["go", "version"], "otelier"],
  [undefined, ["./shop"], "otelier"],
  ["otelier", ["go", "run", "."], "otelier"],
  ["obi", ["./shop"], "obi"],
  ["obi", ["go", "run", "."], /"obi" watches one process, and the go tool starts others/],
  ["otelc", ["./shop"], /"otelc" works while Go compiles .* the command is "\.\/shop"/],
])("asked for %s, %j: %s", (asked, command, expected) => {
  const chosen = chooseGoAgent(asked, command, "/", folder);
  if (typeof expected === "string") expect(chosen).toMatchObject({ name: expected });
  else expect(chosen).toMatch(expected);
});

test("what is not on the PATH is not used, and not silently replaced when it was asked for", () => {
  expect(chooseGoAgent(undefined, ["go", "run", "."], "/", bare)).toEqual({ name: "otelier" });
  expect(chooseGoAgent("otelc", ["go", "run", "."], "/", bare)).toBe('"otelc" is not on the PATH');
});

test("the go tool's words stay behind otelc's", () => {
  const otelc: GoAgent = { name: "otelc", path: "/bin/otelc" };
  expect(commandUnder(otelc, ["/usr/bin/go", "run", "."])).toEqual(["/bin/otelc", "go", "run", "."]);
  expect(commandUnder({ name: "otelier" }, ["go", "run", "."])).toEqual(["go", "run", "."]);
});

describe("goSidecar", () => {
  const run = async (text: string, until: () => boolean, name: "obi" | "otel-go-instrumentation" = "obi") => {
    const lines: string[] = [];
    const tracing = goSidecar({
      agent: { name, path: script(`sidecar-${name}`, text) },
      environment: { PATH: process.env["PATH"], OTEL_SERVICE_NAME: "shop", NODE_OPTIONS: "--no-such-option" },
      cwd: folder,
      service: "shop",
      endpoint: "http://127.0.0.1:4318",
      onReport: (line) => lines.push(line),
    });
    tracing.started(4711);
    await expect.poll(() => until() || lines.length > 1).toBe(true);
    await tracing.finish();
    return lines;
  };

  test.each([
    ["obi", "OTEL_EBPF_TARGET_PID"],
    ["otel-go-instrumentation", "OTEL_GO_AUTO_TARGET_PID"],
  ] as const)(
    "%s is told the process and the settings, and ended with the program",
    async (name, variable) => {
      const seen = path.join(folder, `${name}.seen`);
      const text = `echo "$${variable} $OTEL_SERVICE_NAME $NODE_OPTIONS" > ${seen}.part; mv ${seen}.part ${seen}; exec sleep 60`;
      const { existsSync, readFileSync } = await import("node:fs");
      const lines = await run(text, () => existsSync(seen), name);
      expect(readFileSync(seen, "utf8")).toBe("4711 shop \n");
      expect(lines).toEqual([
        expect.stringMatching(
          new RegExp(`^otelier: shop \\(go, pid 4711\\): instrumented by ${name} \\(.*\\); sends to http:`),
        ),
      ]);
    },
  );

  test("one that fails is said with its last line", async () => {
    const lines = await run("echo starting; echo 'needs CAP_BPF' >&2; exit 3", () => false);
    expect(lines[1]).toBe("otelier: shop runs without spans: obi ended with code 3: needs CAP_BPF");
  });
});
