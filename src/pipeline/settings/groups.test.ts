import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ConfigNode } from "./config-node.ts";
import { decodeSection } from "./decode.ts";
import { checkGrpcClient, grpcClientFields } from "./grpc.ts";
import type { GrpcClientConfig } from "./grpc.ts";
import { section } from "./options.ts";
import { batchSizer, checkQueue, checkRetry, queueOption, retryOption } from "./queue.ts";
import type { QueueConfig, RetryConfig } from "./queue.ts";
import type { Section } from "./schema.ts";

interface Example extends GrpcClientConfig {
  readonly sending_queue: QueueConfig | undefined;
  readonly retry_on_failure: RetryConfig;
}
const example: Section<Example> = section<Example>({
  ...grpcClientFields({ compression: "gzip" }),
  sending_queue: queueOption,
  retry_on_failure: retryOption,
});

function node(value: unknown): ConfigNode {
  if (value === null || value === undefined) return { kind: "null" };
  if (Array.isArray(value)) return { kind: "list", items: value.map(node) };
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, text: String(value), fromText: false };
  }
  const entries = Object.entries(value).map(([key, item]) => [key, { value: node(item) }] as const);
  return { kind: "map", entries: new Map(entries) };
}

function problems(yaml: string): string[] {
  const written = node(parse(yaml));
  const { value, diagnostics } = decodeSection(example, written, "exporters.e");
  return [
    ...diagnostics,
    ...checkGrpcClient(value, written, "exporters::e"),
    ...checkQueue(value.sending_queue, written, "exporters::e"),
    ...checkRetry(value.retry_on_failure, written, "exporters::e"),
  ]
    .filter((found) => found.severity === "error")
    .map((found) => found.message);
}

describe("shared option groups", () => {
  it.each([
    ["{endpoint: 'a:1'}", []],
    ["{}", ['exporters::e: requires a non-empty "endpoint"']],
    ["{endpoint: 'https://'}", ['exporters::e: requires a non-empty "endpoint"']],
    ["{endpoint: 'unix://'}", ["exporters::e: unix socket path cannot be empty"]],
    ["{endpoint: example.com}", ["exporters::e: address example.com: missing port in address"]],
    ["{endpoint: 'example.com:port'}", ['exporters::e: invalid port "port"']],
    ["{endpoint: '[::1]:4317'}", []],
    ["{endpoint: 'dns:///a.b:4317'}", []],
    [
      "{endpoint: 'a:1', tls: {min_version: asd}}",
      ['exporters::e::tls: invalid TLS min_version: unsupported TLS version: "asd"'],
    ],
    [
      "{endpoint: 'a:1', tls: {cert_file: x}}",
      ["exporters::e::tls: for auth via TLS, provide both certificate and key, or neither"],
    ],
    [
      "{endpoint: 'a:1', sending_queue: {queue_size: 0, num_consumers: -1}}",
      [
        "exporters::e::sending_queue: `num_consumers` must be positive",
        "exporters::e::sending_queue: `queue_size` must be positive",
      ],
    ],
    [
      "{endpoint: 'a:1', sending_queue: {sizer: items, batch: }}",
      ["exporters::e::sending_queue::batch: `min_size` must be less than or equal to `queue_size`"],
    ],
    [
      "{endpoint: 'a:1', sending_queue: {batch: {min_size: 5, max_size: 3}}}",
      ["exporters::e::sending_queue::batch: `max_size` (3) must be greater or equal to `min_size` (5)"],
    ],
    [
      "{endpoint: 'a:1', retry_on_failure: {randomization_factor: -5}}",
      ["exporters::e::retry_on_failure: 'randomization_factor' must be within [0, 1]"],
    ],
  ])("%s", (yaml, expected) => {
    expect(problems(yaml)).toEqual(expected);
  });

  it("turns batching on when it is written without a value", () => {
    const { value } = decodeSection(example, node({ sending_queue: { batch: null } }), "e");
    expect(value.sending_queue?.batch).toMatchObject({ flush_timeout: 200, min_size: 8192, max_size: 0 });
    expect(value.sending_queue === undefined ? undefined : batchSizer(value.sending_queue)).toBe("items");
    expect(decodeSection(example, node({}), "e").value.sending_queue?.batch).toBeUndefined();
  });
});
