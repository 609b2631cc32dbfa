import type { AttributeValue, TracedSpan } from "../spans/span.ts";

/** A histogram of durations in seconds, as OpenTelemetry's semantic conventions define it (HTTP stable since 1.23, database since 1.33, RPC a release candidate, DNS and messaging in development). */
export interface DurationInstrument {
  readonly name: string;
  readonly description: string;
  readonly bounds: readonly number[];
  /** Those of a span's attributes that tell its series apart: none whose values a caller can choose freely, save where the conventions require it (dns.question.name). */
  readonly attributes: readonly string[];
}

const httpBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const databaseBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const httpAttributes = [
  "http.request.method",
  "http.response.status_code",
  "error.type",
  "network.protocol.version",
];
const rpcAttributes = ["rpc.system.name", "rpc.method", "rpc.status_code", "error.type"];

const databaseClient: DurationInstrument = {
  name: "db.client.operation.duration",
  description: "Duration of database client operations.",
  bounds: databaseBounds,
  attributes: [
    "db.system.name",
    "db.operation.name",
    "db.query.summary",
    "db.namespace",
    "db.response.status_code",
    "error.type",
    "server.address",
    "server.port",
  ],
};

const instruments: Readonly<Partial<Record<TracedSpan["record"]["kind"], DurationInstrument>>> = {
  "http-server": {
    name: "http.server.request.duration",
    description: "Duration of HTTP server requests.",
    bounds: httpBounds,
    attributes: [...httpAttributes, "http.route", "url.scheme"],
  },
  "http-client": {
    name: "http.client.request.duration",
    description: "Duration of HTTP client requests.",
    bounds: httpBounds,
    attributes: [...httpAttributes, "server.address", "server.port"],
  },
  "rpc-server": {
    name: "rpc.server.call.duration",
    description: "Measures the duration of an incoming Remote Procedure Call (RPC).",
    bounds: httpBounds,
    attributes: rpcAttributes,
  },
  "rpc-client": {
    name: "rpc.client.call.duration",
    description: "Measures the duration of an outgoing Remote Procedure Call (RPC).",
    bounds: httpBounds,
    attributes: [...rpcAttributes, "server.address", "server.port"],
  },
  dns: {
    name: "dns.lookup.duration",
    description: "Measures the time taken to perform a DNS lookup.",
    bounds: httpBounds,
    attributes: ["dns.question.name", "error.type"],
  },
  messaging: {
    name: "messaging.client.operation.duration",
    description: "Duration of messaging operation initiated by a producer or consumer client.",
    bounds: httpBounds,
    attributes: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "error.type",
      "server.address",
      "server.port",
    ],
  },
  sql: databaseClient,
  "db-client": databaseClient,
};

/** The instrument that counts this span; the conventions have none for the server's side of databases. */
export function instrumentOf({ record }: TracedSpan): DurationInstrument | undefined {
  return instruments[record.kind];
}

/** The span's attributes that `instrument` keeps, in its order. */
export function seriesAttributes(
  span: TracedSpan,
  instrument: DurationInstrument,
): ReadonlyMap<string, AttributeValue> {
  const kept = new Map<string, AttributeValue>();
  for (const key of instrument.attributes) {
    const value = span.attributes.get(key);
    if (value !== undefined) kept.set(key, value);
  }
  return kept;
}
