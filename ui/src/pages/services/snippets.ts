/** What to paste so that a program sends here. */
export interface Snippet {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly code: string;
}

/** `endpoints`: as the server says; URLs with scheme. `tenant`: '' where there is one only. */
export function snippets(
  endpoints: { readonly grpc: string; readonly http: string },
  tenant: string,
): readonly Snippet[] {
  const headers = tenant === "" ? [] : [`export OTEL_EXPORTER_OTLP_HEADERS="x-scope-orgid=${tenant}"`];
  const environment = [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoints.http}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    "export OTEL_SERVICE_NAME=my-service",
    ...headers,
  ].join("\n");
  return [
    {
      id: "run",
      name: "Any program",
      note: "Starts your program already instrumented: Node.js and Python, nothing to change in the code.",
      code: [...headers, "otelier run -- node app.js", "otelier run -- python app.py"].join("\n"),
    },
    {
      id: "node",
      name: "Node.js",
      note: "With the OpenTelemetry packages in your project.",
      code: `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\n${environment}\nnode --require @opentelemetry/auto-instrumentations-node/register app.js`,
    },
    {
      id: "python",
      name: "Python",
      note: "With OpenTelemetry's own agent.",
      code: `pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install\n${environment}\nopentelemetry-instrument python app.py`,
    },
    {
      id: "go",
      name: "Go",
      note: "Once the SDK is set up in your program, the environment leads it here.",
      code: `${environment}\ngo run .`,
    },
    {
      id: "java",
      name: "Java",
      note: "With the Java agent.",
      code: `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar\n${environment}\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
    },
    {
      id: "dotnet",
      name: ".NET",
      note: "With the automatic instrumentation.",
      code: `curl -sSfLO https://github.com/open-telemetry/opentelemetry-dotnet-instrumentation/releases/latest/download/otel-dotnet-auto-install.sh\nsh otel-dotnet-auto-install.sh\n. $HOME/.otel-dotnet-auto/instrument.sh\n${environment}\ndotnet run`,
    },
    {
      id: "collector",
      name: "Collector",
      note: "An exporter for a Collector that you already run.",
      code: `exporters:\n  otlp:\n    endpoint: ${endpoints.grpc}\n    tls:\n      insecure: true${tenant === "" ? "" : `\n    headers:\n      X-Scope-OrgID: ${JSON.stringify(tenant)}`}`,
    },
  ];
}
