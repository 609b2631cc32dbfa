import { expect, test } from "vitest";
import { printDiagnostic } from "../../../base/print-diagnostic.ts";
import { ruleFor, type Candidate } from "../discovery/selection.ts";
import { loadObservation, type LoadedObservation } from "./load.ts";

const load = (text: string, environment: Readonly<Record<string, string>> = {}): Promise<LoadedObservation> =>
  loadObservation(text === "" ? undefined : { name: "beyla.yaml", text }, environment);

const nginx: Candidate = {
  pid: 7,
  executable: "/usr/sbin/nginx",
  ports: new Set([80, 443]),
  language: "",
  inContainer: () => false,
};
const python: Candidate = {
  pid: 8,
  executable: "/usr/bin/python3.11",
  ports: new Set([8081]),
  language: "python",
  inContainer: () => true,
};

test.each<readonly [string, string, Readonly<Record<string, string>>, readonly string[]]>([
  ["a port", "open_port: 80", {}, ["nginx"]],
  ["a list of ports as text", 'discovery: {instrument: [{open_ports: "22,8000-8100"}]}', {}, ["python"]],
  [
    "all criteria of a rule at once",
    "discovery: {instrument: [{open_ports: 80, exe_path: '*python*'}]}",
    {},
    [],
  ],
  ["a glob over the whole path", "discovery: {instrument: [{exe_path: nginx}]}", {}, []],
  ["a glob with stars", "discovery: {instrument: [{exe_path: '*/{nginx,httpd}'}]}", {}, ["nginx"]],
  ["a regular expression", "discovery: {services: [{exe_path: 'python3\\.1[0-9]$'}]}", {}, ["python"]],
  [
    "globs hide regular expressions",
    "discovery: {instrument: [{exe_path: '*nginx'}], services: [{exe_path: python}]}",
    {},
    ["nginx"],
  ],
  ["languages", "discovery: {instrument: [{languages: '{python,ruby}'}]}", {}, ["python"]],
  ["containers only", "discovery: {instrument: [{exe_path: '*', containers_only: true}]}", {}, ["python"]],
  ["process ids", "discovery: {instrument: [{target_pids: [7]}]}", {}, ["nginx"]],
  [
    "what is excluded",
    "discovery: {instrument: [{exe_path: '*'}], exclude_instrument: [{exe_path: '*/nginx'}]}",
    {},
    ["python"],
  ],
  ["Beyla's variable", "", { BEYLA_OPEN_PORT: "80" }, ["nginx"]],
  ["OBI's variable", "", { OTEL_EBPF_AUTO_TARGET_EXE: "*/python*" }, ["python"]],
  ["Beyla's older name", "", { BEYLA_EXECUTABLE_NAME: "ngin" }, ["nginx"]],
  ["the older key", "executable_name: ngin", {}, ["nginx"]],
  ["a variable above the file", "open_port: 80", { BEYLA_OPEN_PORT: "8081" }, ["python"]],
  ["a variable inside the file", "open_port: ${PORT}", { PORT: "8081" }, ["python"]],
  ["both at the top", "", { BEYLA_OPEN_PORT: "80", BEYLA_EXECUTABLE_NAME: "python" }, []],
  ["nothing", "log_level: DEBUG", {}, []],
])("selects by %s", async (_, text, environment, expected) => {
  const { value, diagnostics } = await load(text, environment);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const observed = [nginx, python].filter((each) => ruleFor(value.selection, each) !== undefined);
  expect(observed.map(({ executable }) => /nginx|python/.exec(executable)?.[0])).toEqual(expected);
});

test("collectors are left out by default, and observed when the file says so", async () => {
  const collector = { ...nginx, executable: "/usr/bin/otelcol-contrib" };
  const all = "discovery: {instrument: [{exe_path: '*'}]";
  for (const [text, isObserved] of [
    [`${all}}`, false],
    [`${all}, default_exclude_instrument: []}`, true],
  ] as const) {
    const { selection } = (await load(text)).value;
    expect(ruleFor(selection, collector) !== undefined, text).toBe(isObserved);
  }
});

test("names, routes and where to send", async () => {
  const { value, diagnostics } = await load(
    `service_name: shop
discovery:
  instrument:
    - name: front
      namespace: web
      open_ports: 80
  exclude_otel_instrumented_services: false
routes:
  patterns: ["/user/{id}", "/basic/:rnd"]
  ignored_patterns: [/metrics]
  ignore_mode: traces
  unmatched: path
otel_traces_export: {endpoint: "http://collector:4318", protocol: http/protobuf}
otel_metrics_export: {endpoint: "https://otlp.example/otlp/v1/metrics", interval: 5s}
`,
    { BEYLA_SERVICE_NAMESPACE: "all" },
  );
  expect(diagnostics).toEqual([]);
  expect(value.selection).toMatchObject({ service: "shop", namespace: "all", alsoReporting: true });
  expect(ruleFor(value.selection, nginx)).toMatchObject({ name: "front", namespace: "web" });
  expect(value.routes).toEqual({
    patterns: ["/user/{id}", "/basic/:rnd"],
    ignoredPatterns: ["/metrics"],
    ignore: "traces",
    unmatched: "path",
    wildcard: "*",
  });
  expect(value.environment).toEqual({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/v1/traces",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://otlp.example/otlp/v1/metrics",
    OTEL_METRIC_EXPORT_INTERVAL: "5000",
  });
});

test("OTEL_SERVICE_NAME is taken as both tracers take it; their own variable stands above", async () => {
  const named = async (environment: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await load("", environment)).value.selection.service;
  expect(await named({ OTEL_SERVICE_NAME: "a" })).toBe("a");
  expect(await named({ OTEL_SERVICE_NAME: "a", BEYLA_SERVICE_NAME: "b" })).toBe("b");
});

test("what has no effect is said and hinders nothing", async () => {
  const text = `ebpf: {context_propagation: all}
prometheus_export: {port: 8999, path: /metrics}
attributes: {kubernetes: {enable: true}}
open_port: 80
`;
  const { diagnostics } = await load(text, { BEYLA_TRACE_PRINTER: "text", BEYLA_CONFIG_PATH: "x" });
  expect(diagnostics.map(({ severity, code }) => [severity, code])).toEqual(
    Array.from({ length: 4 }, () => ["warning", "option-without-effect"]),
  );
});

test.each<readonly [string, string, Readonly<Record<string, string>>, string]>([
  [
    "an unknown key",
    "discovery:\n  instrumnt: []\n",
    {},
    `error[unknown-option]: cannot read "beyla.yaml": 'discovery' has invalid keys: instrumnt
  --> beyla.yaml:2:3
    2 |   instrumnt: []
      |   ^^^^^^^^^
  hint: did you mean "instrument"?`,
  ],
  [
    "Kubernetes in a rule, which would select too much",
    "discovery:\n  instrument:\n    - k8s_namespace: shop\n      open_ports: 80\n",
    {},
    `error[bad-option]: cannot read "beyla.yaml": 'discovery.instrument[0].k8s_namespace' cannot be followed: Kubernetes is not asked, so it would select too much
  --> beyla.yaml:3:22
    3 |     - k8s_namespace: shop
      |                      ^^^^`,
  ],
  [
    "a variable that is misspelt",
    "",
    { BEYLA_OPEN_PORTS: "80" },
    `error[unknown-option]: the environment variable "BEYLA_OPEN_PORTS" is known to no tracer
  hint: did you mean "BEYLA_OPEN_PORT"?`,
  ],
  [
    "no port",
    "",
    { OTEL_EBPF_OPEN_PORT: "http" },
    `error[bad-option]: cannot read "the environment": 'open_port' is no list of ports, got "http"
  --> environment variable OTEL_EBPF_OPEN_PORT:1:1
    1 | http
      | ^^^^
  hint: such as 80,443,8000-8999`,
  ],
  [
    "gRPC, by its port",
    "otel_traces_export: {endpoint: 'http://c:4317'}",
    {},
    `error[bad-endpoint]: cannot use "otel_traces_export.endpoint": port 4317 stands for gRPC, which cannot be sent
  hint: write the receiver's port for HTTP, which mostly is 4318, or protocol: http/protobuf if this one takes it`,
  ],
  [
    "no map",
    "- open_port",
    {},
    `error[bad-option]: cannot read "beyla.yaml": expected a map of options
  --> beyla.yaml:1:1
    1 | - open_port
      | ^^^^^^^^^^^`,
  ],
])("refuses %s", async (_, text, environment, expected) => {
  const { diagnostics, sources } = await load(text, environment);
  expect(diagnostics.map((each) => printDiagnostic(each, { sources })).join("\n")).toBe(expected);
});
