import { expect, test } from "vitest";
import { parseYaml } from "../../../config/collector/yaml-node.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { checkEbpfReceiver, ebpfReceiverConfig } from "./config.ts";

test.each<readonly [string, string, readonly string[]]>([
  ["a port", "open_port: 8080", []],
  ["a rule", "discovery: {instrument: [{exe_path: '*/nginx', name: front}]}", []],
  ["nothing", "routes: {unmatched: path}", ["error receivers::ebpf: does not say what to observe"]],
  [
    "where to send, which is the pipeline's",
    "open_port: 8080\notel_traces_export: {endpoint: 'http://a:4318'}",
    [
      `warning "receivers::ebpf": 'otel_traces_export' has no effect: what is observed goes into the pipeline`,
    ],
  ],
  [
    "an unknown key",
    "open_port: 8080\ndiscovry: {}",
    [`error cannot read "receivers::ebpf": '' has invalid keys: discovry`],
  ],
])("%s", (_, text, expected) => {
  const node = parseYaml(text, "x.yaml").value;
  const { value, diagnostics } = decodeSection(ebpfReceiverConfig, node, "receivers::ebpf");
  const all = [...diagnostics, ...checkEbpfReceiver(value, node, "receivers::ebpf")];
  expect(all.map(({ severity, message }) => `${severity} ${message}`)).toEqual(expected);
});
