import { expect, it } from "vitest";
import { nopFactories } from "../../../test/conformance/collector/nop-factories.ts";
import { toModel } from "../../config/collector/to-model.ts";
import { parseYaml } from "../../config/collector/yaml-node.ts";
import { printEffective } from "./print-effective.ts";

const text = `receivers: {nop: }
exporters: {nop/a: , unknown: }
service:
  pipelines: {logs/x: {receivers: [nop], exporters: [nop/a]}}
  telemetry:
    metrics:
      readers: [{periodic: {exporter: {otlp: {endpoint: "http://a", headers: [{name: key, value: s3cret}]}}}}]
    traces: {processors: [{batch: {exporter: {otlp: {headers: {key: s3cret}}}}}]}
`;
const { value: model } = toModel(parseYaml(text, "test.yaml").value);

it("prints what takes effect, without the secrets of own telemetry", () => {
  expect(printEffective(model, nopFactories)).toEqual({
    receivers: { nop: {} },
    exporters: { "nop/a": {} },
    service: {
      pipelines: { "logs/x": { receivers: ["nop"], exporters: ["nop/a"] } },
      telemetry: {
        metrics: {
          readers: [
            {
              periodic: {
                exporter: { otlp: { endpoint: "http://a", headers: [{ name: "key", value: "[REDACTED]" }] } },
              },
            },
          ],
        },
        traces: { processors: [{ batch: { exporter: { otlp: { headers: { key: "[REDACTED]" } } } } }] },
      },
    },
  });
});

it("shows secrets when asked to", () => {
  expect(JSON.stringify(printEffective(model, nopFactories, { unredacted: true }))).toContain("s3cret");
});
