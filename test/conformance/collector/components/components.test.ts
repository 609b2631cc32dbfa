/** Configurations of single components with the Collector's error texts (core receiver/otlpreceiver, exporter/otlp{,http}exporter, processor/batchprocessor). */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../../src/base/clock.ts";
import { componentFactories } from "../../../../src/components/index.ts";
import { parseYaml } from "../../../../src/config/collector/yaml-node.ts";
import type { ComponentKind, Factory } from "../../../../src/pipeline/component.ts";
import { sectionNames } from "../../../../src/pipeline/graph/resolve.ts";
import { SenderRegistry } from "../../../../src/pipeline/senders/sender-registry.ts";
import { nodeAt } from "../../../../src/pipeline/settings/config-node.ts";
import type { ConfigNode } from "../../../../src/pipeline/settings/config-node.ts";
import { decodeSection } from "../../../../src/pipeline/settings/decode.ts";
import { printConfig } from "../../../../src/pipeline/settings/print.ts";
import { conformanceFolder, readExpectedFailures } from "../../suite.ts";

const folder = conformanceFolder("collector") ?? "";
const expectedFailures = readExpectedFailures(path.join(import.meta.dirname, "expected-failures.txt"));
const factories = componentFactories({
  senders: new SenderRegistry({ clock: systemClock }),
}) as readonly unknown[] as readonly Factory[];

interface Case {
  readonly file: string;
  readonly kind: ComponentKind;
  readonly type: string;
  /** Key of the section in the file; absent: the whole file. */
  readonly key?: string;
  /** A text of one of the errors; absent: valid. */
  readonly error?: string;
  /** Part of what takes effect. */
  readonly effective?: object;
}

function receiver(file: string, rest: Partial<Case> = {}): Case {
  return { file: `otlpreceiver/${file}`, kind: "receiver", type: "otlp", ...rest };
}
function grpc(file: string, rest: Partial<Case> = {}): Case {
  return { file: `otlpexporter/${file}`, kind: "exporter", type: "otlp_grpc", ...rest };
}
function http(file: string, rest: Partial<Case> = {}): Case {
  return { file: `otlphttpexporter/${file}`, kind: "exporter", type: "otlp_http", ...rest };
}

const path_ = 'invalid HTTP URL path set for signal: parse ":invalid": missing protocol scheme';
const cases: readonly Case[] = [
  receiver("default.yaml", {
    effective: { protocols: { grpc: { endpoint: "localhost:4317" }, http: { endpoint: "localhost:4318" } } },
  }),
  receiver("only_grpc.yaml", { effective: { protocols: { grpc: { endpoint: "localhost:4317" } } } }),
  receiver("only_http.yaml", { effective: { protocols: { http: { traces_url_path: "/v1/traces" } } } }),
  receiver("only_http_null.yaml", { effective: { protocols: { http: { endpoint: "localhost:4318" } } } }),
  receiver("only_http_empty_map.yaml", {
    effective: { protocols: { http: { endpoint: "localhost:4318" } } },
  }),
  receiver("config.yaml", {
    effective: {
      protocols: {
        grpc: {
          max_recv_msg_size_mib: 32,
          max_concurrent_streams: 16,
          keepalive: {
            server_parameters: {
              max_connection_idle: "11s",
              max_connection_age: "12s",
              max_connection_age_grace: "13s",
              time: "30s",
              timeout: "5s",
            },
            enforcement_policy: { min_time: "10s", permit_without_stream: true },
          },
        },
        http: {
          auth: { authenticator: "test" },
          cors: { allowed_origins: ["https://*.test.com", "https://test.com"], max_age: 7200 },
        },
      },
    },
  }),
  receiver("uds.yaml", {
    effective: {
      protocols: {
        grpc: { transport: "unix", endpoint: "/tmp/grpc_otlp.sock" },
        http: { transport: "unix", endpoint: "/tmp/http_otlp.sock" },
      },
    },
  }),
  receiver("bad_no_proto_config.yaml", {
    error: "must specify at least one protocol when using the OTLP receiver",
  }),
  receiver("bad_proto_config.yaml", { error: "'protocols' has invalid keys: thrift" }),
  receiver("typo_default_proto_config.yaml", { error: "'protocols' has invalid keys: htttp" }),
  receiver("invalid_traces_path.yaml", { error: path_ }),
  receiver("invalid_metrics_path.yaml", { error: path_ }),
  receiver("invalid_logs_path.yaml", { error: path_ }),
  receiver("invalid_profiles_path.yaml", { error: path_ }),
  grpc("config.yaml", {
    effective: {
      endpoint: "1.2.3.4:1234",
      compression: "gzip",
      timeout: "10s",
      sending_queue: {
        sizer: "items",
        num_consumers: 2,
        queue_size: 100000,
        batch: { flush_timeout: "200ms", min_size: 1000, max_size: 10000 },
      },
      retry_on_failure: {
        enabled: true,
        initial_interval: "10s",
        randomization_factor: 0.7,
        multiplier: 1.3,
        max_interval: "1m0s",
        max_elapsed_time: "10m0s",
      },
      auth: { authenticator: "nop" },
      keepalive: { time: "20s", timeout: "30s", permit_without_stream: true },
      headers: { "can you have a . here?": "[REDACTED]", header1: "[REDACTED]", another: "[REDACTED]" },
      balancer_name: "round_robin",
    },
  }),
  grpc("default-batch.yaml", {
    effective: {
      timeout: "10s",
      sending_queue: {
        num_consumers: 10,
        queue_size: 1000,
        batch: { flush_timeout: "200ms", min_size: 8192, max_size: 0 },
      },
    },
  }),
  ...(
    [
      ["no_endpoint", 'requires a non-empty "endpoint"'],
      ["https_endpoint", 'requires a non-empty "endpoint"'],
      ["http_endpoint", 'requires a non-empty "endpoint"'],
      ["invalid_timeout", "'timeout' must be non-negative"],
      ["invalid_retry", "'randomization_factor' must be within [0, 1]"],
      ["invalid_tls", 'invalid TLS min_version: unsupported TLS version: "asd"'],
      ["missing_port", "missing port in address"],
      ["invalid_port", 'invalid port "port"'],
      ["invalid_unix_socket", "unix socket path cannot be empty"],
    ] as const
  ).map(([key, error]) => grpc("invalid_configs.yaml", { key, error })),
  http("config.yaml", {
    effective: {
      endpoint: "https://1.2.3.4:1234",
      compression: "gzip",
      timeout: "10s",
      tls: { ca_file: "/var/lib/mycert.pem", cert_file: "certfile", key_file: "keyfile", insecure: true },
      sending_queue: { num_consumers: 2, queue_size: 10 },
      retry_on_failure: { multiplier: 1.3 },
    },
  }),
  http("bad_empty_config.yaml", {
    key: "exporters/otlp_http",
    error: "at least one endpoint must be specified",
  }),
  http("bad_invalid_encoding.yaml", { error: "invalid encoding type: invalid" }),
  {
    file: "batchprocessor/config.yaml",
    kind: "processor",
    type: "batch",
    effective: { timeout: "10s", send_batch_size: 10000, send_batch_max_size: 11000 },
  },
];

describe.skipIf(folder === "")("components", () => {
  it("has an expectation for every file", () => {
    const folders = ["otlpreceiver", "otlpexporter", "otlphttpexporter", "batchprocessor"];
    const files = folders.flatMap((name) =>
      folder === "" ? [] : readdirSync(path.join(folder, name)).map((file) => `${name}/${file}`),
    );
    expect([...new Set(cases.map(({ file }) => file))].toSorted()).toEqual(files.toSorted());
  });

  it.each(cases.map((entry) => [`${entry.file} ${entry.key ?? ""}`.trim(), entry] as const))(
    "%s",
    (name, entry) => {
      const { errors, effective } = read(entry);
      const { error } = entry;
      const isAsExpected =
        error === undefined ? errors.length === 0 : errors.some((found) => found.includes(error));
      if (expectedFailures.has(name)) {
        expect(isAsExpected, `${name} passes now: take it off expected-failures.txt`).toBe(false);
        return;
      }
      if (error === undefined) expect(errors).toEqual([]);
      else expect(errors.join("\n")).toContain(error);
      if (entry.effective !== undefined) expect(effective).toMatchObject(entry.effective);
    },
  );
});

function read({ file, kind, type, key }: Case): { readonly errors: string[]; readonly effective: object } {
  const factory = factories.find((candidate) => candidate.kind === kind && candidate.type === type);
  if (factory === undefined) throw new Error(`no ${kind} "${type}"`);
  const { value: whole } = parseYaml(readFileSync(path.join(folder, file), "utf8"), file);
  const node: ConfigNode = (key === undefined ? whole : nodeAt(whole, ...key.split("/"))) ?? { kind: "null" };
  const place = `${sectionNames[kind]}.${type}`;
  const { value, diagnostics } = decodeSection(factory.config, node, place);
  const found = [...diagnostics, ...(factory.check?.(value, node, place.replace(".", "::")) ?? [])];
  return {
    errors: found.filter((problem) => problem.severity === "error").map((problem) => problem.message),
    effective: printConfig(factory.config, value),
  };
}
