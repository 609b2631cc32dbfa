/**
 * The pages and what each keeps in its address. Paths have one level (the trace's id is in the query), so that relative asset and API
 * addresses hold at "/" and behind any prefix.
 */
import { codec, list, oneOf, text, whole, type Codec, type Field } from "./codec.ts";
import { defaultRange, parseTime } from "./time.ts";

const time: { from: Field<string>; to: Field<string> } = {
  from: timeEnd(defaultRange.from),
  to: timeEnd(defaultRange.to),
};

function timeEnd(fallback: string): Field<string> {
  return {
    parse: (values) => {
      const value = values[0];
      return value !== undefined && parseTime(value, 0) !== undefined ? value : fallback;
    },
    print: (value) => (value === fallback ? [] : [value]),
  };
}

export const severities: readonly ["", "trace", "debug", "info", "warn", "error", "fatal"] = [
  "",
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
];
const metricFunctions = ["", "rate", "average", "last", "sum", "p50", "p95", "p99", "heatmap"] as const;
const histogramCharts = ["percentiles", "heatmaps"] as const;
const serviceColumns = ["name", "rate", "errors", "p95", "lastSeen"] as const;
const traceOrders = ["newest", "slowest"] as const;
const statuses = ["", "Ok", "Error", "Unset"] as const;
const spanParts = ["", "entry", "root", "server", "client", "consumer", "database"] as const;
const traceTabs = ["traces", "breakdown", "comparison", "structure", "exceptions"] as const;
const redMetrics = ["rate", "errors", "duration"] as const;
const traceViews = ["spans", "flame", "graph", "statistics", "compare", "links", "logs"] as const;
const clocks = ["recorded", "adjusted"] as const;
const onOff = ["on", "off"] as const;
const statisticGroups = ["operation", "service", "kind"] as const;
const logOrders = ["newest", "oldest"] as const;
const logRepeats = ["all", "exact", "numbers", "signature"] as const;
const serviceLogs = ["problems", "all"] as const;
const logViews = ["lines", "tail", "patterns", "fields"] as const;

export type ServiceColumn = (typeof serviceColumns)[number];

export interface TimeSearch {
  readonly from: string;
  readonly to: string;
}
export interface ServicesSearch extends TimeSearch {
  readonly sort: ServiceColumn;
  readonly text: string;
}
export interface ServiceSearch extends TimeSearch {
  readonly name: string;
  readonly logs: (typeof serviceLogs)[number];
}
export interface MapSearch extends TimeSearch {
  readonly service: string;
  /** Only this namespace and what it talks to; "" for all. */
  readonly namespace: string;
  /** Each service, or one node a namespace. */
  readonly group: "service" | "namespace";
}
export interface TracesSearch extends TimeSearch {
  readonly service: string;
  readonly operation: string;
  readonly min: string;
  readonly max: string;
  readonly status: (typeof statuses)[number];
  readonly attr: readonly string[];
  readonly text: string;
  readonly order: (typeof traceOrders)[number];
  readonly limit: number;
  /** Which spans count; "" is all. */
  readonly spans: (typeof spanParts)[number];
  readonly tab: (typeof traceTabs)[number];
  /** Field that the breakdown groups by, as the API writes it; and what it draws. */
  readonly by: string;
  readonly metric: (typeof redMetrics)[number];
  /** Fields listed with each trace. */
  readonly col: readonly string[];
  /** The selection within what the filters leave: Unix milliseconds, durations with unit, status. */
  readonly selFrom: string;
  readonly selTo: string;
  readonly selMin: string;
  readonly selMax: string;
  readonly selStatus: (typeof statuses)[number];
}
export interface TraceSearch extends TimeSearch {
  readonly id: string;
  readonly span: string;
  readonly text: string;
  readonly view: (typeof traceViews)[number];
  readonly clock: (typeof clocks)[number];
  /** What the colour of a bar stands for: "" the service, "kind", "status", or a field as the API writes it. */
  readonly colour: string;
  /** The critical path along the bars. */
  readonly critical: (typeof onOff)[number];
  /** Runs of alike siblings as one row. */
  readonly fold: (typeof onOff)[number];
  /** What the statistics and the flame graph group by. */
  readonly group: (typeof statisticGroups)[number];
  /** Trace to compare with. */
  readonly with: string;
}
export interface LogsSearch extends TimeSearch {
  readonly service: string;
  readonly severity: (typeof severities)[number];
  readonly text: string;
  readonly attr: readonly string[];
  readonly trace: string;
  readonly span: string;
  readonly order: (typeof logOrders)[number];
  /** "tail" follows what comes. */
  readonly view: (typeof logViews)[number];
  /** Keys of attributes that stand in the line; the first few of the record when none is chosen. */
  readonly col: readonly string[];
  /** Which lines in a row are shown as one. */
  readonly repeats: (typeof logRepeats)[number];
}
export interface MetricsSearch extends TimeSearch {
  /** What the cards of histograms draw. */
  readonly histograms: (typeof histogramCharts)[number];
  readonly service: string;
  readonly text: string;
  readonly metric: string;
  readonly function: (typeof metricFunctions)[number];
  readonly groupBy: string;
  readonly attr: readonly string[];
}

export interface PageSearch {
  readonly services: ServicesSearch;
  readonly service: ServiceSearch;
  readonly map: MapSearch;
  readonly traces: TracesSearch;
  readonly trace: TraceSearch;
  readonly logs: LogsSearch;
  readonly metrics: MetricsSearch;
  readonly senders: TimeSearch;
}
export type PageName = keyof PageSearch;

export const pages: {
  readonly [P in PageName]: { readonly path: string; readonly codec: Codec<PageSearch[P]> };
} = {
  services: {
    path: "/services",
    codec: codec<ServicesSearch>({
      ...time,
      sort: oneOf(serviceColumns, "rate"),
      text: text(),
    }),
  },
  service: {
    path: "/service",
    codec: codec<ServiceSearch>({ ...time, name: text(), logs: oneOf(serviceLogs, "problems") }),
  },
  map: {
    path: "/map",
    codec: codec<MapSearch>({
      ...time,
      service: text(),
      namespace: text(),
      group: oneOf(["service", "namespace"], "service"),
    }),
  },
  traces: {
    path: "/traces",
    codec: codec<TracesSearch>({
      ...time,
      service: text(),
      operation: text(),
      min: text(),
      max: text(),
      status: oneOf(statuses, ""),
      attr: list(),
      text: text(),
      order: oneOf(traceOrders, "newest"),
      limit: whole(100, { min: 1, max: 1000 }),
      spans: oneOf(spanParts, ""),
      tab: oneOf(traceTabs, "traces"),
      by: text(),
      metric: oneOf(redMetrics, "rate"),
      col: list(),
      selFrom: text(),
      selTo: text(),
      selMin: text(),
      selMax: text(),
      selStatus: oneOf(statuses, ""),
    }),
  },
  trace: {
    path: "/trace",
    codec: codec<TraceSearch>({
      ...time,
      id: text(),
      span: text(),
      text: text(),
      view: oneOf(traceViews, "spans"),
      clock: oneOf(clocks, "recorded"),
      colour: text(),
      critical: oneOf(onOff, "on"),
      fold: oneOf(onOff, "on"),
      group: oneOf(statisticGroups, "operation"),
      with: text(),
    }),
  },
  logs: {
    path: "/logs",
    codec: codec<LogsSearch>({
      ...time,
      service: text(),
      severity: oneOf(severities, ""),
      text: text(),
      attr: list(),
      trace: text(),
      span: text(),
      order: oneOf(logOrders, "newest"),
      view: oneOf(logViews, "lines"),
      col: list(),
      repeats: oneOf(logRepeats, "all"),
    }),
  },
  metrics: {
    path: "/metrics",
    codec: codec<MetricsSearch>({
      ...time,
      service: text(),
      text: text(),
      metric: text(),
      function: oneOf(metricFunctions, ""),
      histograms: oneOf(histogramCharts, "percentiles"),
      groupBy: text(),
      attr: list(),
    }),
  },
  senders: { path: "/senders", codec: codec<TimeSearch>(time) },
};
