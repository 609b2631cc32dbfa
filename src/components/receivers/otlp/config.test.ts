import { describe, expect, test } from "vitest";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { checkOtlpReceiver, otlpReceiverConfig, type Exposure } from "./config.ts";

function problems(yaml: string, exposure: Exposure): string[] {
  const node = yamlNode(yaml);
  const { value, diagnostics } = decodeSection(otlpReceiverConfig, node, "receivers.otlp");
  const found = [...diagnostics, ...checkOtlpReceiver(exposure)(value, node, "receivers::otlp")];
  return found.map(
    (diagnostic) =>
      `${diagnostic.severity}: ${diagnostic.message.replace("receivers::otlp::protocols::", "")}`,
  );
}

describe("addresses that others can reach", () => {
  const refused = (protocol: string, endpoint: string): string =>
    `error: ${protocol}: "${endpoint}" can be reached from other machines, and nothing authenticates them`;
  const warned = (protocol: string, endpoint: string): string =>
    `warning: ${protocol}: "${endpoint}" can be reached from other machines`;
  test.each([
    ["{protocols: {grpc: , http: }}", "refuse", []],
    ["{protocols: {grpc: {endpoint: '127.0.0.1:1'}, http: {endpoint: '[::1]:1'}}}", "refuse", []],
    ["{protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}", "refuse", [refused("grpc", "0.0.0.0:4317")]],
    ["{protocols: {http: {endpoint: ':4318'}}}", "refuse", [refused("http", ":4318")]],
    ["{protocols: {grpc: {endpoint: 'collector:4317'}}}", "refuse", [refused("grpc", "collector:4317")]],
    ["{protocols: {grpc: {endpoint: '0.0.0.0:1', auth: {authenticator: basicauth}}}}", "refuse", []],
    ["{protocols: {grpc: {transport: unix, endpoint: /run/otlp.sock}}}", "refuse", []],
    ["{protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}", "warn", [warned("grpc", "0.0.0.0:4317")]],
    ["{protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}", "allow", []],
  ] as const)("%s: %s", (yaml, exposure, expected) => {
    expect(problems(yaml, exposure)).toEqual(expected);
  });
});

test.each([
  ["{}", "error: receivers::otlp: must specify at least one protocol when using the OTLP receiver"],
  [
    "{protocols: {grpc: {endpoint: localhost}}}",
    "error: grpc: invalid endpoint: address localhost: missing port in address",
  ],
  [
    "{protocols: {http: {logs_url_path: '/a%zz'}}}",
    'error: http: invalid HTTP URL path set for signal: parse "/a%zz": invalid URL escape "%zz"',
  ],
  [
    "{protocols: {http: {traces_url_path: ':x'}}}",
    'error: http: invalid HTTP URL path set for signal: parse ":x": missing protocol scheme',
  ],
  [
    "{protocols: {grpc: {tls: {cert_file: a}}}}",
    "error: grpc::tls: for auth via TLS, provide both certificate and key, or neither",
  ],
  [
    "{protocols: {http: {max_request_body_size: 209715200}}}",
    "warning: http: 'max_request_body_size' is 209715200 bytes, but all requests of a port together hold at most 134217728: larger ones are refused",
  ],
  [
    "{protocols: {grpc: {max_recv_msg_size_mib: 129}, http: {max_request_body_size: 134217728}}}",
    "warning: grpc: 'max_recv_msg_size_mib' is 129 MiB, but all requests of a port together hold at most 128: larger ones are refused",
  ],
])("%s", (yaml, expected) => {
  expect(problems(yaml, "warn")).toEqual([expected]);
});
