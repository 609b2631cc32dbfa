/* Which processes are traced, and what is known of them. */
#pragma once
#include "namespace.h"

/* Offsets of fields in the program's structs (src/instrument/ebpf/go/struct-offsets.ts), one set for each process. */
struct offsets {
	u32 request_url;
	u32 request_major;
	u32 request_minor;
	u32 request_host;
	u32 request_remote;
	u32 request_tls;
	u32 url_scheme;
	u32 url_host;
	u32 url_path;
	u32 url_query;
	u32 response_status;
	u32 statement_query;
	u32 request_target;
	/* The following are zero where the layouts of the program's Go are not known. */
	u32 request_header;
	u32 answer_wrote_header;
	u32 answer_status;
	u32 answer_done;
	u32 connection_answer;
	u32 goroutine_machine;
	u32 machine_goroutine;
	u32 goroutine_id;
	/* The following three are zero where goroutines are not seen at the statements that make them (go-statement.h). */
	u32 goroutine_parent;
	u32 machine_processor;
	u32 processor_numbers;
	u32 header_layout;
	/* Of google.golang.org/grpc; rpc_method is zero where the program has none of it. */
	u32 rpc_indirect;
	u32 rpc_context;
	u32 rpc_method;
	/* Whether requests that the process sends shall carry its trace context. */
	u32 propagates;
	/* Whether lines that the process writes in a request shall become log records. */
	u32 logs;
	/* Where a request has its pattern when it ends; zero where routes are watched as they are found. */
	u32 request_pattern;
	/* Address of the runtime's last goroutine number (runtime.schedt.goidgen), its lower half first; zero where it is not known. */
	u32 last_number[2];
	/* Of routers (go-routers.h); zero where the program has none of them, or a version that is not known. */
	u32 chi_patterns;
	u32 chi_pattern;
	u32 echo_path;
	u32 echo_has_request;
	/* Whether net/http's routers may be inside of those, and say where they are. */
	u32 nested_routes;
};

struct settings {
	struct namespace namespace;
};

MAP struct map settings = { MAP_ARRAY, 4, sizeof(struct settings), 1, 0 };
MAP struct map processes = { MAP_HASH, 4, sizeof(struct offsets), 1024, 0 };

/* The same again at places that are found without a call, each for one of the processes whose numbers end alike (src/instrument/ebpf/traced-processes.ts). */
#define NEAR_PROCESSES 256

struct near_process {
	struct offsets offsets;
	/* Last, so that it is written last. Zero for none. */
	u32 process;
};

MAP struct map near_processes = { MAP_ARRAY, 4, sizeof(struct near_process), NEAR_PROCESSES, 0 };

INLINE u32 process_id(void)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	return at ? process_in(&at->namespace) : 0;
}

/* The process id when the process is to be traced; 0 otherwise. */
INLINE u32 traced_process(struct offsets **offsets)
{
	u32 process = process_id(), place = process & (NEAR_PROCESSES - 1);
	struct near_process *near = map_lookup(&near_processes, &place);
	if (!process)
		return 0;
	/* Where none has the place, none of those is traced that it would be for: most of what moves bytes on a machine. */
	if (!near || !near->process)
		return 0;
	*offsets = near->process == process ? &near->offsets : map_lookup(&processes, &process);
	return *offsets ? process : 0;
}
