/** Which functions of a Go program are watched, and by which program of bpf/go.bpf.c at their entries and at their returns. */
export interface Probe {
  /** As the function table spells it. */
  readonly function: string;
  readonly entry?: string;
  readonly returns?: string;
  /** Only where the layouts of the program's Go are not known (struct-offsets.ts): elsewhere memory says the same without a stop. */
  readonly fallback?: true;
}

/** What people see: one library, the probes that make its spans, and those without which there are none. */
export interface Instrumentation {
  readonly name: string;
  readonly probes: readonly Probe[];
  /** One of them must be in the program for the library to count as used: linkers leave out what is not called. */
  readonly required: readonly string[];
}

export const instrumentations: readonly Instrumentation[] = [
  {
    name: "net/http server",
    required: ["net/http.serverHandler.ServeHTTP"],
    probes: [
      { function: "net/http.serverHandler.ServeHTTP", entry: "server_start", returns: "server_end" },
      { function: "net/http.(*conn).serve", returns: "server_abandoned" },
      { function: "net/http.(*http2serverConn).runHandler", returns: "server_abandoned" },
      { function: "net/http.(*response).WriteHeader", entry: "server_status", fallback: true },
      { function: "net/http.(*http2responseWriter).WriteHeader", entry: "server_status" },
      // Go 1.22 and newer; older versions; Go 1.22 and newer told to behave as older.
      { function: "net/http.(*ServeMux).findHandler", returns: "server_route" },
      { function: "net/http.(*ServeMux).handler", returns: "server_route" },
      { function: "net/http.(*serveMux121).findHandler", returns: "server_route" },
      { function: "net/textproto.(*Reader).readContinuedLineSlice", returns: "header_line", fallback: true },
    ],
  },
  {
    name: "net/http client",
    required: ["net/http.(*Transport).roundTrip"],
    probes: [{ function: "net/http.(*Transport).roundTrip", entry: "client_start", returns: "client_end" }],
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
];

/** Carry the span over to goroutines that are made in it. */
export const goroutineProbes: readonly Probe[] = [
  { function: "runtime.newproc1", entry: "goroutine_start", fallback: true },
  { function: "runtime.newproc1", returns: "goroutine_end" },
];
