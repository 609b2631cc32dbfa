import type { BuildInfo } from "./build-info.ts";
import type { Register } from "./call-sites.ts";

/** Which functions of a Go program are watched, and by which program of bpf/go.bpf.c at their entries and at their returns. */
export interface Probe {
  /** As the function table spells it. */
  readonly function: string;
  readonly entry?: string;
  readonly returns?: string;
  /** Only where the layouts of the program's Go are not known (struct-offsets.ts): elsewhere memory says the same without a stop. */
  readonly fallback?: true;
  /** Only where the layouts are known. */
  readonly known?: true;
  /** Not where the request has the pattern still when it ends (request-pattern.ts). */
  readonly findsPattern?: true;
  /** A program for a call that the function makes; on x86-64, where layouts are known. */
  readonly call?: CallProbe;
  /** What is watched instead where this probe finds no place. */
  readonly otherwise?: readonly Probe[];
}

/** Stops at calls are several times as cheap as stops at returns (call-sites.ts). */
export interface CallProbe {
  /** The function that is called. */
  readonly of: string;
  readonly program: string;
  /** At the call itself, or behind it with these results still in their registers. Default: behind it, without results. */
  readonly at?: "call";
  readonly results?: readonly Register[];
  /** The calls stand in functions whose names begin with that of the probe; all of them are watched, or none. */
  readonly inPrefix?: true;
}

/** What people see: one library, the probes that make its spans, and those without which there are none. */
export interface Instrumentation {
  readonly name: string;
  readonly probes: readonly Probe[];
  /** One of them must be in the program for the library to count as used: linkers leave out what is not called. */
  readonly required: readonly string[];
  /** Of routers beside net/http's (routers.ts): whether the version that is linked in is known. It is left alone where it is not, or none of its probes finds a place. */
  readonly isRouter?: (modules: BuildInfo["modules"]) => boolean;
}

const headerLine = {
  function: "net/textproto.(*Reader).readContinuedLineSlice",
  returns: "header_line",
  fallback: true,
} as const;

const grpcTransport = "google.golang.org/grpc/internal/transport";
const pgx = "github.com/jackc/pgx/v5";
const redis = "github.com/redis/go-redis/v9";
/** What carries out one command, the newest first: where one is there the compiler may have put the later ones into their callers. */
const redisCommand = ["processWithRetry", "processStartingAt", "process"];

/** The first that the program has. */
function firstOf([probe, ...others]: readonly Probe[]): Probe {
  if (probe === undefined) throw new Error("a probe is missing");
  return others.length === 0 ? probe : { ...probe, otherwise: [firstOf(others)] };
}

export const instrumentations: readonly Instrumentation[] = [
  {
    name: "net/http server",
    required: ["net/http.serverHandler.ServeHTTP"],
    probes: [
      { function: "net/http.serverHandler.ServeHTTP", entry: "server_start" },
      {
        function: "net/http.(*response).finishRequest",
        entry: "server_end",
        known: true,
        otherwise: [{ function: "net/http.serverHandler.ServeHTTP", returns: "server_end" }],
      },
      { function: "net/http.(*http2responseWriter).handlerDone", entry: "server_stream_end", known: true },
      { function: "net/http.(*conn).hijackLocked", entry: "server_hijacked" },
      { function: "net/http.(*conn).serve", entry: "server_connection", known: true },
      { function: "net/http.(*conn).serve", returns: "server_abandoned" },
      { function: "runtime.Goexit", entry: "server_abandoned" },
      {
        function: "net/http.(*http2serverConn).runHandler",
        entry: "server_stream_start",
        returns: "server_abandoned",
      },
      { function: "net/http.(*response).WriteHeader", entry: "server_status", fallback: true },
      { function: "net/http.(*http2responseWriter).WriteHeader", entry: "server_status" },
      // The module that the standard library's HTTP/2 is made of, where a program configures it by itself.
      {
        function: "golang.org/x/net/http2.(*responseWriter).handlerDone",
        entry: "server_stream_end",
        known: true,
      },
      {
        function: "golang.org/x/net/http2.(*serverConn).runHandler",
        entry: "server_stream_start",
        returns: "server_abandoned",
      },
      { function: "golang.org/x/net/http2.(*responseWriter).WriteHeader", entry: "server_status" },
      // Go 1.22 and newer; the same told to behave as older (httpmuxgo121, also by a go.mod of before); older versions.
      {
        function: "net/http.(*ServeMux).ServeHTTP",
        findsPattern: true,
        call: { of: "net/http.(*ServeMux).findHandler", program: "server_route", results: ["cx", "di"] },
        otherwise: [{ function: "net/http.(*ServeMux).findHandler", returns: "server_route" }],
      },
      {
        function: "net/http.(*ServeMux).ServeHTTP",
        call: { of: "net/http.(*serveMux121).findHandler", program: "server_route", results: ["cx", "di"] },
        otherwise: [{ function: "net/http.(*serveMux121).findHandler", returns: "server_route" }],
      },
      { function: "net/http.(*ServeMux).handler", returns: "server_route" },
      headerLine,
    ],
  },
  {
    name: "net/http client",
    required: ["net/http.(*Transport).roundTrip"],
    probes: [
      { function: "net/http.(*Transport).roundTrip", entry: "client_start", returns: "client_end" },
      { function: "net/http.(*persistConn).roundTrip", entry: "client_connection", known: true },
      { function: "net/http.persistConnWriter.Write", entry: "client_write", known: true },
    ],
  },
  {
    name: "grpc server",
    required: ["google.golang.org/grpc.(*Server).handleStream"],
    probes: [
      { function: "google.golang.org/grpc.(*Server).handleStream", entry: "rpc_server_start" },
      ...["http2Server", "serverHandlerTransport"].flatMap((transport) =>
        ["writeStatus", "WriteStatus"].map((name) => ({
          function: `${grpcTransport}.(*${transport}).${name}`,
          entry: "rpc_server_status",
        })),
      ),
      {
        function: "google.golang.org/grpc.(*Server).",
        call: {
          of: "google.golang.org/grpc.(*Server).handleStream",
          program: "rpc_server_end",
          inPrefix: true,
        },
        otherwise: [{ function: "google.golang.org/grpc.(*Server).handleStream", returns: "rpc_server_end" }],
      },
    ],
  },
  {
    name: "grpc client",
    required: ["google.golang.org/grpc.newClientStream"],
    probes: [
      { function: "google.golang.org/grpc.newClientStream", entry: "rpc_client_start" },
      { function: "google.golang.org/grpc.(*clientStream).finish", entry: "rpc_client_finish" },
      { function: "google.golang.org/grpc.(*clientStream).newAttemptLocked", entry: "rpc_client_attempt" },
      {
        // Of 1.78 and newer.
        function: "google.golang.org/grpc.endOfClientStream",
        entry: "rpc_client_over",
        otherwise: [{ function: "google.golang.org/grpc.newClientStream", returns: "rpc_client_made" }],
      },
      { function: `${grpcTransport}.(*controlBuffer).executeAndPut`, entry: "rpc_call_put", known: true },
      { function: `${grpcTransport}.(*loopyWriter).writeHeader`, entry: "rpc_call_framed", known: true },
    ],
  },
  {
    name: "database/sql",
    required: ["database/sql.(*DB).queryDC", "database/sql.(*DB).execDC"],
    probes: [
      { function: "database/sql.(*DB).queryDC", entry: "sql_query_start", returns: "sql_query_end" },
      { function: "database/sql.(*DB).execDC", entry: "sql_exec_start", returns: "sql_exec_end" },
      {
        function: "database/sql.(*Stmt).QueryContext",
        entry: "sql_statement_start",
        returns: "sql_query_end",
      },
      { function: "database/sql.(*Stmt).ExecContext", entry: "sql_statement_start", returns: "sql_exec_end" },
    ],
  },
  {
    name: "pgx",
    required: ["Exec", "Query", "SendBatch", "CopyFrom"].map((name) => `${pgx}.(*Conn).${name}`),
    probes: [
      { function: `${pgx}.(*Conn).Exec`, entry: "pgx_statement_start", returns: "pgx_exec_end" },
      { function: `${pgx}.(*Conn).Query`, entry: "pgx_statement_start", returns: "pgx_query_end" },
      { function: `${pgx}.(*baseRows).Close`, entry: "pgx_close", returns: "pgx_rows_closed" },
      {
        function: `${pgx}.(*Conn).sendBatch`,
        entry: "pgx_batch_start",
        returns: "pgx_batch_sent",
        otherwise: [
          { function: `${pgx}.(*Conn).SendBatch`, entry: "pgx_batch_start", returns: "pgx_batch_sent" },
        ],
      },
      ...["batchResults", "pipelineBatchResults"].map((results) => ({
        function: `${pgx}.(*${results}).Close`,
        entry: "pgx_close",
        returns: "pgx_batch_closed",
      })),
      { function: `${pgx}.(*Conn).CopyFrom`, entry: "pgx_copy_start", returns: "pgx_copy_end" },
    ],
  },
  {
    name: "go-redis",
    required: redisCommand.map((name) => `${redis}.(*baseClient).${name}`),
    probes: [
      firstOf(
        redisCommand.map((name) => ({
          function: `${redis}.(*baseClient).${name}`,
          entry: "redis_command_start",
          returns: "redis_end",
        })),
      ),
      ...["baseClient", "ClusterClient"].flatMap((client) => [
        {
          function: `${redis}.(*${client}).processPipeline`,
          entry: "redis_pipeline_start",
          returns: "redis_end",
        },
        {
          function: `${redis}.(*${client}).processTxPipeline`,
          entry: "redis_transaction_start",
          returns: "redis_end",
        },
      ]),
    ],
  },
];

/** Carry the span over to goroutines that are made in it. */
export const goroutineProbes: readonly Probe[] = [
  {
    function: "runtime.newproc.func1",
    call: { of: "runtime.runqput", program: "goroutine_made", at: "call" },
    otherwise: [
      { function: "runtime.newproc1", entry: "goroutine_start", fallback: true },
      { function: "runtime.newproc1", returns: "goroutine_end" },
    ],
  },
];

/** Of every program: that it begins, and what it writes in a request. */
export const processProbes: readonly Probe[] = [
  { function: "runtime.main", entry: "process_start" },
  { function: "os.(*File).Write", entry: "log_write" },
];

/** Names of all functions that may be looked at, and prefixes of such names. */
export function functionsOf(probes: readonly Probe[]): {
  readonly names: ReadonlySet<string>;
  readonly prefixes: readonly string[];
} {
  const withOthers = (probe: Probe): readonly Probe[] => [
    probe,
    ...(probe.otherwise ?? []).flatMap(withOthers),
  ];
  const all = probes.flatMap(withOthers);
  const isPrefix = (probe: Probe): boolean => probe.call?.inPrefix === true;
  const names = all.filter((probe) => !isPrefix(probe)).map((probe) => probe.function);
  return {
    names: new Set([...names, ...all.flatMap(({ call }) => (call === undefined ? [] : [call.of]))]),
    prefixes: all.filter(isPrefix).map((probe) => probe.function),
  };
}
