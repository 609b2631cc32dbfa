import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cacheFolder } from "./agent-cache.ts";
import { instrumentedEnvironment } from "./environment.ts";
import { javaAgent, javaHook } from "./java/agent.ts";
import { mergeNodeOptions } from "./node-options.ts";
import { pythonHookFolder } from "./python/agent.ts";

const cache = mkdtempSync(path.join(os.tmpdir(), "otelier-cache-"));
afterAll(() => rmSync(cache, { recursive: true }));

const build = (environment: Record<string, string>, extra: object = {}): Readonly<Record<string, string>> =>
  instrumentedEnvironment({
    environment,
    endpoint: "http://127.0.0.1:4318",
    service: { name: "shop", inferred: false },
    cache,
    cwd: "/work/shop",
    ...extra,
  });

describe("instrumentedEnvironment", () => {
  test("everything that an untouched environment gets", () => {
    const set = build({}, { runId: "00ff", runFolder: "/tmp/run" });
    expect(set).toMatchObject({
      OTEL_SERVICE_NAME: "shop",
      OTEL_RESOURCE_ATTRIBUTES: "otelier.run.id=00ff",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_SEMCONV_STABILITY_OPT_IN: "http,database",
      OTEL_METRIC_EXPORT_INTERVAL: "5000",
      OTEL_METRIC_EXPORT_TIMEOUT: "5000",
      OTEL_BSP_SCHEDULE_DELAY: "1000",
      OTEL_NODE_RESOURCE_DETECTORS: "env,host,os,process,serviceinstance,container",
      PYTHONUNBUFFERED: "1",
      PYTHONPATH: pythonHookFolder,
      OTELIER_RUN_DIR: "/tmp/run",
    });
    expect(set["NODE_OPTIONS"]).toMatch(/^--require \S+preload\.cjs$/);
    expect(set).not.toHaveProperty("OTELIER_NAME_INFERRED_IN");
  });

  test.each([
    "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_LOGS_EXPORTER",
    "PYTHONUNBUFFERED",
  ])("the user's %s wins", (name) => expect(build({ [name]: "theirs" })).not.toHaveProperty(name));

  test.each([
    ["http/dup", "http/dup,database"],
    ["gen_ai_latest_experimental, http", "gen_ai_latest_experimental,http,database"],
    ["database/dup,http/dup", "database/dup,http/dup"],
  ])("OTEL_SEMCONV_STABILITY_OPT_IN %s becomes %s", (given, merged) => {
    expect(build({ OTEL_SEMCONV_STABILITY_OPT_IN: given })["OTEL_SEMCONV_STABILITY_OPT_IN"]).toBe(merged);
  });

  test.each(["OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"])(
    "%s of the user keeps both as they are",
    (name) => {
      const set = build({ [name]: "10000" });
      expect(Object.keys(set).filter((key) => key.startsWith("OTEL_METRIC_EXPORT"))).toEqual([]);
    },
  );

  test("lists and paths keep what the user has", () => {
    const set = build(
      { PYTHONPATH: `/a:${pythonHookFolder}:/b`, OTEL_RESOURCE_ATTRIBUTES: "team=a" },
      { runId: "1" },
    );
    expect(set["PYTHONPATH"]).toBe(`${pythonHookFolder}:/a:/b`);
    expect(set["OTEL_RESOURCE_ATTRIBUTES"]).toBe("team=a,otelier.run.id=1");
  });

  test("an inferred name is marked, so that processes in other projects may have theirs", () => {
    const service = { name: "shop", inferred: true };
    expect(build({}, { service })["OTELIER_NAME_INFERRED_IN"]).toBe("/work/shop");
    expect(build({ OTEL_SERVICE_NAME: "x" }, { service })).not.toHaveProperty("OTELIER_NAME_INFERRED_IN");
  });

  test.runIf(existsSync(javaHook))("Java's hook stands behind the user's options, once", () => {
    const first = build({ JAVA_TOOL_OPTIONS: "-Xmx1g" });
    expect(first["JAVA_TOOL_OPTIONS"]).toBe(`-Xmx1g -javaagent:${javaHook}`);
    expect(first["OTELIER_JAVA_AGENT"]).toBe(
      `${cache}/java/${javaAgent.version}/opentelemetry-javaagent.jar`,
    );
    expect(build(first)["JAVA_TOOL_OPTIONS"]).toBe(first["JAVA_TOOL_OPTIONS"]);
    expect(build({})["JAVA_TOOL_OPTIONS"]).toBe(`-javaagent:${javaHook}`);
  });

  test("agents that were found bring their variables", () => {
    expect(build({})).not.toHaveProperty("RUBYOPT");
    expect(build({}, { found: [{ variables: { RUBYOPT: "-rx" }, line: "" }] })["RUBYOPT"]).toBe("-rx");
  });
});

test.each([
  [undefined, "/a/p.cjs", "--require /a/p.cjs"],
  ["--max-old-space-size=4096", "/a/p.cjs", "--require /a/p.cjs --max-old-space-size=4096"],
  ["--require /a/p.cjs --inspect", "/a/p.cjs", "--require /a/p.cjs --inspect"],
  ["--inspect", '/with blank/"p.cjs', '--require "/with blank/\\"p.cjs" --inspect'],
])("mergeNodeOptions(%j, %j)", (given, preload, merged) => {
  expect(mergeNodeOptions(given, preload)).toBe(merged);
});

test.each([
  [{ OTELIER_CACHE: "/c", XDG_CACHE_HOME: "/x", HOME: "/h" }, "/c"],
  [{ XDG_CACHE_HOME: "/x", HOME: "/h" }, "/x/otelier"],
  [{ XDG_CACHE_HOME: "relative", HOME: "/h" }, "/h/.cache/otelier"],
  [{ HOME: "/h" }, "/h/.cache/otelier"],
])("cacheFolder(%j) is %s", (environment, folder) => {
  expect(cacheFolder(environment)).toBe(folder);
});
