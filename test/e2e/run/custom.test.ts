/** Spans, attributes and counters that programs make themselves by the OpenTelemetry API, beside what is instrumented without them. */
import { describe, expect, test } from "vitest";
import { get, missing, Project, type Run, testSink } from "./harness.ts";

const sink = testSink();

function project(files: Readonly<Record<string, string>>): Project {
  return new Project(files);
}

async function askOnce(made: Project, command: readonly string[]): Promise<Run> {
  const running = made.run(sink, command, { words: ["--name", "till"] });
  const [, port] = await running.printed(/listening on (\d+)/);
  expect(await get(`http://127.0.0.1:${port}/pay/7`, running)).toBe("paid 7");
  await running.interrupt();
  return running;
}

/** One request made one server span, and the program's own span below it, each sent once. */
function expectJoined(): void {
  const servers = sink.spans.filter((span) => span.kind === 2);
  expect(servers.map((span) => [span.service, span.attributes["shop.till"]])).toEqual([["till", "7"]]);
  const own = sink.spans.filter((span) => span.name === "charge card");
  expect(own.map((span) => [span.traceId, span.attributes["shop.amount"], span.scope])).toEqual([
    [servers[0]?.traceId, "42", "till"],
  ]);
  expect(new Set(sink.spans.map((span) => span.spanId)).size).toBe(sink.spans.length);
  const byId = new Map(sink.spans.map((span) => [span.spanId, span]));
  let above = own[0];
  while (above !== undefined && above.kind !== 2) above = byId.get(above.parentSpanId);
  expect(above).toBe(servers[0]);
  expect(new Set(sink.metrics.map((metric) => metric.name))).toContain("shop.payments");
}

const nodeApp = `
const { trace, metrics } = require("@opentelemetry/api");
const tracer = trace.getTracer("till");
const payments = metrics.getMeter("till").createCounter("shop.payments");
const server = require("node:http").createServer((request, response) => {
  const id = request.url.split("/").pop();
  trace.getActiveSpan()?.setAttribute("shop.till", id);
  tracer.startActiveSpan("charge card", (span) => {
    span.setAttribute("shop.amount", 42);
    payments.add(1, { method: "card" });
    span.end();
    response.end("paid " + id);
  });
});
server.listen(0, () => console.log("listening on " + server.address().port));
`;
const nodeSdk = `
const { NodeSDK } = require("@opentelemetry/sdk-node");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter(), instrumentations: [new HttpInstrumentation()] });
sdk.start();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => sdk.shutdown().finally(() => process.exit(0)));
`;

describe.skipIf(missing("node") !== undefined)("Node.js", () => {
  test.each(["1.9.0", "1.10.0"])("a program that uses only the API, %s", async (api) => {
    const dependencies = { "@opentelemetry/api": api };
    const made = project({
      "app.cjs": nodeApp,
      "package.json": JSON.stringify({ name: "till", dependencies }),
    }).npmInstall(dependencies);
    await askOnce(made, ["node", "app.cjs"]);
    expectJoined();
  });

  test("a program with an SDK of its own keeps it, gets our settings, and no span comes twice", async () => {
    const dependencies = {
      "@opentelemetry/api": "1.9.0",
      "@opentelemetry/sdk-node": "0.205.0",
      "@opentelemetry/instrumentation-http": "0.205.0",
      "@opentelemetry/exporter-trace-otlp-proto": "0.205.0",
    };
    const made = project({
      "app.cjs": nodeSdk + nodeApp,
      "package.json": JSON.stringify({ name: "till", dependencies }),
    }).npmInstall(dependencies);
    const running = await askOnce(made, ["node", "app.cjs"]);
    expectJoined();
    expect(running.stderr).toMatch(
      /^otelier: node \d+\.\d+ is not instrumented: the program brings its own OpenTelemetry SDK \(@opentelemetry\/\S+ 0\.205\.0\); set OTELIER_OWN_SDK=ignore/m,
    );
  });
});

const pythonApp = `
from http.server import ThreadingHTTPServer  # noqa: F401
from wsgiref.simple_server import make_server
from flask import Flask
from opentelemetry import metrics, trace

tracer = trace.get_tracer("till")
payments = metrics.get_meter("till").create_counter("shop.payments")
app = Flask("till")
INSTRUMENT

@app.get("/pay/<id>")
def pay(id):
    trace.get_current_span().set_attribute("shop.till", id)
    with tracer.start_as_current_span("charge card") as span:
        span.set_attribute("shop.amount", 42)
        payments.add(1, {"method": "card"})
    return "paid " + id

server = make_server("127.0.0.1", 0, app)
print("listening on", server.server_port, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
`;
const pythonSdk = `
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
`;

describe.skipIf(missing("python") !== undefined)("Python", () => {
  test("a program that uses only the API", async () => {
    const made = project({ "app.py": pythonApp.replace("INSTRUMENT", "") }).pipInstall([
      "flask",
      "opentelemetry-api==1.40.0",
    ]);
    await askOnce(made, ["python", "app.py"]);
    expectJoined();
  });

  test("a program with an SDK of its own keeps it, gets our settings, and no span comes twice", async () => {
    const instrument =
      "from opentelemetry.instrumentation.flask import FlaskInstrumentor\nFlaskInstrumentor().instrument_app(app)";
    const made = project({ "app.py": pythonSdk + pythonApp.replace("INSTRUMENT", instrument) }).pipInstall([
      "flask",
      "opentelemetry-sdk==1.40.0",
      "opentelemetry-exporter-otlp-proto-http==1.40.0",
      "opentelemetry-instrumentation-flask==0.61b0",
    ]);
    const running = await askOnce(made, ["python", "app.py"]);
    expectJoined();
    expect(running.stderr).toMatch(
      /^otelier: python \d+\.\d+ is not instrumented: the program brings its own OpenTelemetry SDK \(opentelemetry-sdk 1\.40\.0\); set OTELIER_OWN_SDK=ignore/m,
    );
  });
});
