import { describe, expect, it } from "vitest";
import { nopFactories } from "../../../test/conformance/collector/nop-factories.ts";
import { toModel } from "../../config/collector/to-model.ts";
import { parseYaml } from "../../config/collector/yaml-node.ts";
import { forwardConnectorFactory } from "../../components/connectors/forward/factory.ts";
import { defineFactory } from "../component.ts";
import { section } from "../settings/options.ts";
import { planGraph } from "./plan.ts";

const consume = { mutatesBatch: false, consume: () => Promise.resolve() };
const nothing = { start: () => Promise.resolve(), shutdown: () => Promise.resolve() };
const entry = { stability: "stable", create: () => ({ ...nothing, ...consume }) } as const;
const common = { summary: "Test.", config: section<object>({}), signals: { logs: entry } };
const factories = [
  ...nopFactories,
  forwardConnectorFactory,
  defineFactory<object>({ ...common, kind: "processor", type: "early", answersEarly: true }),
  defineFactory<object>({ ...common, kind: "exporter", type: "safe", answersWhenSafe: true }),
];

function plan(text: string): { problems: string[]; hints: (string | undefined)[]; links: string[] } {
  const { value: root, diagnostics: yaml } = parseYaml(text, "test.yaml");
  const { value: model, diagnostics: top } = toModel(root);
  const { value, diagnostics } = planGraph(model, factories);
  const all = [...yaml, ...top, ...diagnostics];
  return {
    problems: all.map((found) => `${found.severity}: ${found.message}`),
    hints: all.map((found) => found.hint),
    links: value.links.map((link) => `${link.from.key} > ${link.to.key} (${link.pipeline})`),
  };
}

const base =
  "receivers: {nop: , nop/b: }\nprocessors: {nop: }\nexporters: {nop: , nop/b: }\nconnectors: {forward: }\n";

describe("planGraph", () => {
  it("links receivers, processors in order and exporters", () => {
    const { problems, links } = plan(
      `${base}service: {pipelines: {traces: {receivers: [nop, nop/b], processors: [nop], exporters: [nop, nop/b]}}}`,
    );
    expect(problems).toEqual([]);
    expect(links).toEqual([
      "receiver nop > processor nop in traces (traces)",
      "receiver nop/b > processor nop in traces (traces)",
      "processor nop in traces > exporter nop (traces) (traces)",
      "processor nop in traces > exporter nop/b (traces) (traces)",
    ]);
  });

  it("shares exporters between pipelines of a signal, and not between signals", () => {
    const { links } = plan(
      `${base}service: {pipelines: {traces: {receivers: [nop], exporters: [nop]}, traces/b: {receivers: [nop/b], exporters: [nop]}, logs: {receivers: [nop], exporters: [nop]}}}`,
    );
    expect(links).toEqual([
      "receiver nop > exporter nop (traces) (traces)",
      "receiver nop/b > exporter nop (traces) (traces/b)",
      "receiver nop > exporter nop (logs) (logs)",
    ]);
  });

  it("joins pipelines by a connector", () => {
    const { problems, links } = plan(
      `${base}service: {pipelines: {traces/in: {receivers: [nop], exporters: [forward]}, traces/out: {receivers: [forward], exporters: [nop]}}}`,
    );
    expect(problems).toEqual([]);
    expect(links).toEqual([
      "receiver nop > connector forward (traces->traces) (traces/in)",
      "connector forward (traces->traces) > exporter nop (traces) (traces/out)",
    ]);
  });

  it.each<[string, string, string[]]>([
    ["nothing", "", ["error: empty configuration file"]],
    [
      "only receivers",
      "receivers: {nop: }",
      [
        "error: no exporter configuration specified in config",
        "error: service must have at least one pipeline",
      ],
    ],
    [
      "an empty pipeline",
      `${base}service: {pipelines: {traces: }}`,
      [
        "error: service::pipelines::traces: must have at least one receiver",
        "error: service::pipelines::traces: must have at least one exporter",
      ],
    ],
    [
      "unknown references of every kind, at once",
      `${base}service: {extensions: [nop/2], pipelines: {logs: {receivers: [nope], processors: [zzz], exporters: [nop, x]}}}`,
      [
        'error: service::pipelines::logs: references receiver "nope" which is not configured',
        'error: service::pipelines::logs: references processor "zzz" which is not configured',
        'error: service::pipelines::logs: references exporter "x" which is not configured',
        'error: service::extensions: references extension "nop/2" which is not configured',
      ],
    ],
    [
      "a processor listed twice",
      `${base}service: {pipelines: {logs: {receivers: [nop], processors: [nop, nop], exporters: [nop]}}}`,
      ['error: service::pipelines::logs: references processor "nop" multiple times'],
    ],
    [
      "a connector with the id of an exporter",
      "receivers: {nop: }\nexporters: {nop2: , nop: }\nconnectors: {nop: }\nservice: {pipelines: {logs: {receivers: [nop], exporters: [nop]}}}",
      [
        'error: cannot use exporter "nop2": unknown type: "nop2" for id: "nop2" (valid values: [nop safe])',
        'error: connectors::nop: ambiguous ID: Found both "nop" exporter and "nop" connector. Change one of the components\' IDs to eliminate ambiguity (e.g. rename "nop" connector to "nop/connector")',
        'error: connectors::nop: ambiguous ID: Found both "nop" receiver and "nop" connector. Change one of the components\' IDs to eliminate ambiguity (e.g. rename "nop" connector to "nop/connector")',
      ],
    ],
    [
      "a connector for signals that it does not join",
      `${base}service: {pipelines: {traces: {receivers: [nop], exporters: [forward]}, logs: {receivers: [forward], exporters: [nop]}}}`,
      [
        'error: failed to build pipelines: connector "forward" used as exporter in [traces] pipeline but not used in any supported receiver pipeline',
        'error: failed to build pipelines: connector "forward" used as receiver in [logs] pipeline but not used in any supported exporter pipeline',
      ],
    ],
    [
      "a cycle through processors",
      `${base}service: {pipelines: {traces: {receivers: [forward], processors: [nop], exporters: [forward, nop]}}}`,
      [
        'error: failed to build pipelines: cycle detected: connector "forward" (traces to traces) -> processor "nop" in pipeline "traces" -> connector "forward" (traces to traces)',
      ],
    ],
    [
      "the logging exporter",
      "receivers: {nop: }\nexporters: {logging: }\nservice: {pipelines: {logs: {receivers: [nop], exporters: [logging]}}}",
      ["error: the logging exporter has been deprecated, use the debug exporter instead"],
    ],
    [
      "bad ids and signals",
      `${base}service: {pipelines: {metrics/: {}, /traces: {}, tarces: {}, traces: nop, logs: {receivers: {}, exporters: [nop]}}}`,
      [
        'error: cannot read "service.pipelines": in "metrics/" id: the part after / should not be empty',
        'error: cannot read "service.pipelines": in "/traces" id: the part before / should not be empty',
        'error: service::pipelines::tarces: unknown signal "tarces"',
        "error: '[traces]' expected a map or struct, got \"string\"",
        "error: '[logs].receivers' source data must be an array or slice, got map",
        "error: service::pipelines::traces: must have at least one receiver",
        "error: service::pipelines::traces: must have at least one exporter",
        "error: service::pipelines::logs: must have at least one receiver",
      ],
    ],
    [
      "unknown keys",
      `${base}procesors: {}\nservice: {pipeline: {}, pipelines: {logs: {receivers: [nop], exporter: [nop], exporters: [nop]}}}`,
      [
        "error: '' has invalid keys: procesors",
        "error: 'service' has invalid keys: pipeline",
        "error: 'service.pipelines[logs]' has invalid keys: exporter",
      ],
    ],
  ])("reports %s", (_, text, expected) => {
    expect(plan(text).problems).toEqual(expected);
  });

  it("warns where a sender is answered before its data is safe", () => {
    const text =
      "receivers: {nop: }\nprocessors: {early: }\nexporters: {safe: , nop: }\nservice: {pipelines: {logs: {receivers: [nop], processors: [early], exporters: [safe]}, logs/b: {receivers: [nop], processors: [early], exporters: [nop]}}}";
    expect(plan(text).problems).toEqual([
      'warning: service::pipelines::logs: processor "early" answers senders before exporter "safe" has the data safe: what it holds is lost when the program is killed',
    ]);
  });

  it("names the nearest", () => {
    expect(plan(`${base}service: {pipelines: {logs: {receivers: [nopp], exporters: [nop]}}}`).hints).toEqual([
      'did you mean "nop"?',
    ]);
  });
});
