/** Telemetry as a reader sees it, whatever it was read from: the shape in which sent and stored are compared. */

export type ValueType = "string" | "bool" | "int" | "double" | "array" | "map" | "bytes" | "empty";

/** "key: type text", as `whole: int 42`; arrays and maps as JSON. */
export type ObservedAttribute = `${string}: ${ValueType} ${string}`;

export interface ObservedSpan {
  readonly service: string;
  readonly name: string;
  /** Name of the parent span, '' for a root. */
  readonly parent: string;
  readonly kind: string;
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly status: string;
  readonly statusMessage: string;
  readonly scope: string;
  readonly attributes: readonly ObservedAttribute[];
  readonly resource: readonly ObservedAttribute[];
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: readonly ObservedAttribute[];
  }[];
}

export interface ObservedLog {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: `${ValueType} ${string}`;
  /** Name of the span that it was written in, '' for none. */
  readonly span: string;
  readonly attributes: readonly ObservedAttribute[];
}

export interface ObservedMetric {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly description: string;
  readonly temporality: string;
  readonly monotonic: boolean;
  /** Of a number point; undefined for histograms. */
  readonly value: number | undefined;
  readonly shop: string;
}

export interface Observed {
  /** By name. */
  readonly spans: readonly ObservedSpan[];
  /** By time. */
  readonly logs: readonly ObservedLog[];
  /** By name. */
  readonly metrics: readonly ObservedMetric[];
}

/** Reads all that a service sent. */
export type ReadBack = (service: string) => Promise<Observed>;

/** What every program in test/fixtures/exporters sends, as it must be read back. */
export function expectedTelemetry(service: string, startUnixMs: number): Observed {
  const at = (ms: number): string => `${startUnixMs + ms}000000`;
  const resource: readonly ObservedAttribute[] = [
    `service.name: string ${service}`,
    "service.version: string 1.2.3",
  ];
  const shared = { service, scope: "matrix 0.1.0", resource };
  return {
    spans: [
      {
        ...shared,
        name: "GET /cart",
        parent: "",
        kind: "Server",
        startUnixNano: at(0),
        durationNano: 30_000_000,
        status: "Ok",
        statusMessage: "",
        attributes: [
          "half: double 0.5",
          "text: string grüße, 世界",
          'texts: array ["a","b"]',
          "whole: int 42",
          "wholes: array [1,2,3]",
          "yes: bool true",
        ],
        events: [],
      },
      {
        ...shared,
        name: "SELECT items",
        parent: "GET /cart",
        kind: "Client",
        startUnixNano: at(10),
        durationNano: 10_000_000,
        status: "Error",
        statusMessage: "timeout",
        attributes: [],
        events: [{ name: "retry", timeUnixNano: at(15), attributes: ["attempt: int 2"] }],
      },
    ],
    logs: [
      {
        timeUnixNano: at(5),
        severityNumber: 9,
        severityText: "INFO",
        body: "string paid 世界",
        span: "GET /cart",
        attributes: ["whole: int 42", "yes: bool true"],
      },
      {
        timeUnixNano: at(6),
        severityNumber: 17,
        severityText: "ERROR",
        body: "string not paid",
        span: "",
        attributes: [],
      },
    ],
    metrics: [
      metric({ name: "latency", type: "histogram", unit: "ms", temporality: "cumulative" }),
      metric({
        name: "orders",
        type: "sum",
        unit: "{order}",
        description: "Orders taken.",
        temporality: "cumulative",
        monotonic: true,
        value: 7,
      }),
      metric({ name: "queue.size", type: "sum", unit: "{item}", temporality: "cumulative", value: -3 }),
      metric({ name: "temperature", type: "gauge", unit: "Cel", value: 21.5 }),
    ],
  };
}

function metric(given: Partial<ObservedMetric> & Pick<ObservedMetric, "name" | "type">): ObservedMetric {
  return {
    unit: "",
    description: "",
    temporality: "unspecified",
    monotonic: false,
    value: undefined,
    shop: "north",
    ...given,
  };
}
