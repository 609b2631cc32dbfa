/** The command from outside: checking, reloading, stopping without losing what is inside. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { otlpJson } from "../../fakes/otlp-payload.ts";
import { RunningCollector } from "./run-collector.ts";

let folder = "";
let running: RunningCollector[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-life-"));
  running = [];
});
afterEach(async () => {
  for (const collector of running) await collector.stop("SIGKILL");
  rmSync(folder, { recursive: true });
});

function file(text: string, name = "otel.yaml"): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

function start(...args: string[]): RunningCollector {
  const collector = new RunningCollector(args, folder);
  running.push(collector);
  return collector;
}

async function post(endpoint: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${endpoint}/v1/traces`, { method: "POST", headers, body: otlpJson.traces });
  await response.arrayBuffer();
  return response.status;
}

const quiet = "service: {telemetry: {metrics: {level: none}}}";
const valid = `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
exporters: {nop: }
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}
`;

describe("otelier collector", () => {
  it("validate is silent and 0 for a good configuration", async () => {
    const collector = start("validate", "--config", file(valid));
    expect(await collector.exit()).toBe(0);
    expect([collector.stdout, collector.stderr]).toEqual(["", ""]);
  });

  it("validate shows every problem at its place, and is 2", async () => {
    const text = `receivers:
  otpl:
    protocols: {grpc: }
exporters:
  otlp_grpc:
    endpoint: localhost
    sending_queue: {queue_size: big}
service:
  pipelines:
    traces:
      receivers: [otpl]
      exporters: [otlp_http]
`;
    const collector = start("validate", "--config", file(text));
    expect(await collector.exit()).toBe(2);
    expect(collector.stderr)
      .toBe(`error[unknown-component]: cannot use receiver "otpl": unknown type: "otpl" for id: "otpl" (valid values: [ebpf nop otlp])
  --> otel.yaml:2:3
    2 |   otpl:
      |   ^^^^
  hint: did you mean "otlp"?
error[bad-option]: cannot read "exporters.otlp_grpc": 'sending_queue.queue_size' expected type 'int', got unconvertible type 'string'
  --> otel.yaml:7:33
    7 |     sending_queue: {queue_size: big}
      |                                 ^^^
error[unknown-reference]: service::pipelines::traces: references exporter "otlp_http" which is not configured
  --> otel.yaml:12:19
   12 |       exporters: [otlp_http]
      |                   ^^^^^^^^^
  hint: configured: otlp_grpc
`);
  });

  it("runs a bad configuration neither", async () => {
    const collector = start("--config", file("exporters: {nop: }"));
    expect(await collector.exit()).toBe(2);
    expect(collector.stderr).toContain("no receiver configuration specified in config");
  });

  it("names the component that cannot start", async () => {
    const first = start("--config", file(valid));
    const endpoint = new URL((await first.line("Starting HTTP server")).endpoint ?? "");
    const second = start("--config", file(valid.replace("127.0.0.1:0", endpoint.host), "second.yaml"));
    expect(await second.exit()).toBe(1);
    expect(second.stderr).toMatch(
      /otelier: cannot start receiver otlp: cannot listen on .*: the port is in use by/,
    );
  });

  it("prints components and the configuration in effect", async () => {
    const components = start("components");
    expect(await components.exit()).toBe(0);
    const listed = parse(components.stdout) as { readonly receivers: readonly { readonly name: string }[] };
    expect(listed.receivers.map(({ name }) => name)).toContain("otlp");
    const secret =
      "exporters: {otlp_http: {endpoint: 'http://a:1', headers: {Authorization: '${env:TOKEN:-s3cret}'}}}";
    const sources = ["--config", file(valid), "--config", `yaml:${secret}`];
    const printed = start("print-config", ...sources, "--format", "json");
    expect(await printed.exit()).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({
      exporters: {
        otlp_http: { headers: { Authorization: "[REDACTED]" }, sending_queue: { queue_size: 1000 } },
      },
    });
    const open = start("print-config", ...sources, "--mode", "unredacted");
    expect(await open.exit()).toBe(0);
    expect(open.stdout).toContain("s3cret");
  });

  it("sends what it holds before it stops", async () => {
    const sink = new OtlpSink();
    await sink.listen();
    const text = valid
      .replace(
        "exporters: {nop: }",
        `processors: {batch: {timeout: 1h}}\nexporters: {otlp_http: {endpoint: "${sink.endpoint}"}}`,
      )
      .replace("exporters: [nop]", "processors: [batch], exporters: [otlp_http]");
    const collector = start("--config", file(text));
    const { endpoint = "" } = await collector.line("Starting HTTP server");
    await collector.line("Everything is ready");
    expect(await post(endpoint)).toBe(200);
    expect(sink.spans).toHaveLength(0);
    expect(await collector.stop("SIGTERM")).toBe(0);
    expect(sink.spans).toHaveLength(2);
    await sink.close();
  });

  it("reads the configuration again on SIGHUP, and runs on with the old one when the new one is bad", async () => {
    const collector = start("--config", file(valid));
    await collector.line("Everything is ready");
    file(valid.replace("exporters: {nop: }", "exporters: {nop: {speed: 3}}"));
    collector.child.kill("SIGHUP");
    await collector.line("The new configuration is bad");
    expect(collector.stderr).toContain("'' has invalid keys: speed");
    const before = (await collector.line("Starting HTTP server")).endpoint ?? "";
    expect(await post(before)).toBe(200);

    const from = collector.lines.length;
    file(valid);
    collector.child.kill("SIGHUP");
    const { endpoint = "" } = await collector.line("Starting HTTP server", from);
    await collector.line("Everything is ready", from);
    expect(await post(endpoint)).toBe(200);
    expect(await collector.stop("SIGINT")).toBe(0);
  });

  it("writes its log where it is told to", async () => {
    const logs = `${quiet.slice(0, -2)}, logs: {output_paths: [own.log], encoding: json}}}`;
    const collector = start("--config", file(valid), "--config", `yaml:${logs}`);
    const log = path.join(folder, "own.log");
    await expect.poll(() => tryRead(log)).toContain("Everything is ready");
    expect(await collector.stop("SIGINT")).toBe(0);
    expect(collector.stderr).toBe("");
  });
});

function tryRead(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch {
    return "";
  }
}
