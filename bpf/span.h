/*
 * The record of one span as it goes through the ring buffer; src/instrument/ebpf/spans/record.ts reads the same offsets.
 * A text keeps its whole length beside its first bytes, so that a cut is seen.
 */
#pragma once
#include "kernel.h"

enum span_kind { SPAN_HTTP_SERVER = 1, SPAN_HTTP_CLIENT = 2, SPAN_SQL = 3, SPAN_RPC_SERVER = 4, SPAN_RPC_CLIENT = 5, SPAN_DATABASE = 6, LOG_LINE = 7 };

struct span_context {
	u8 trace_id[16];
	u8 span_id[8];
	u32 sampled;
	/* Of a goroutine: whether it works for the span still. */
	u32 holds;
};

struct span_head {
	u32 kind;
	u32 process;
	u64 start_ns; /* CLOCK_MONOTONIC */
	u64 end_ns;
	u8 trace_id[16];
	u8 span_id[8];
	u8 parent_id[8]; /* zero for a root */
	u32 status; /* of HTTP, or one more than that of gRPC; 0 when none was seen */
	u8 failed;
	u8 secure;
	u8 sampled;
	u8 protocol_major;
};

/* How much of each text is kept. */
#define METHOD_BYTES 16
#define HOST_BYTES 96
#define PATH_BYTES 256
#define QUERY_BYTES 128
#define PEER_BYTES 64
#define ROUTE_BYTES 160
#define HTTP_TEXT_BYTES (METHOD_BYTES + HOST_BYTES + PATH_BYTES + QUERY_BYTES + PEER_BYTES + ROUTE_BYTES)

/* Sent only as far as its texts go. */
struct http_span {
	struct span_head head; /* 64 bytes */
	u16 method_length;
	u16 host_length;
	u16 path_length;
	u16 query_length;
	u16 peer_length;
	u16 route_length;
	u16 protocol_minor;
	u8 hijacked;
	/* Whether method and path stand as in the request's line, with a space between; the path then has the query with it, and its escapes. */
	u8 line;
	/* At 80: the kept bytes of peer, method, path, query, host and route, without gaps. */
	char texts[HTTP_TEXT_BYTES];
};

/* Sent only as far as its text goes. */
struct sql_span {
	struct span_head head;
	u16 text_length;
	u16 unused[7];
	char text[1024]; /* at 80 */
}; /* 1104 */

struct rpc_span {
	struct span_head head;
	u16 method_length;
	u16 target_length;
	u16 is_stream;
	u16 unused[5];
	char method[192]; /* at 80; with the target as many bytes as a part of a header takes (GROUP_BYTES of go-header.h) */
	char target[128]; /* 272 */
}; /* 400 */

enum database_call { CALL_STATEMENT = 1, CALL_BATCH = 2, CALL_COPY = 3, CALL_COMMAND = 4, CALL_PIPELINE = 5, CALL_TRANSACTION = 6 };

/* A call of a library that speaks to one database by itself. */
struct database_span {
	struct span_head head;
	u16 text_length;
	u16 namespace_length;
	u16 host_length;
	u16 port;
	u16 code_length;
	u16 call; /* enum database_call */
	u32 count; /* of statements or commands, or of a command's words */
	char text[1024]; /* at 80: statement, table, or the command's name */
	char namespace[64]; /* 1104 */
	char host[96]; /* 1168 */
	char code[16]; /* 1264: of the error, or how its text begins */
}; /* 1280 */
