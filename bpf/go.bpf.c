/*
 * Spans of Go programs, taken at the entries and returns of functions of the standard library: net/http servers and clients,
 * database/sql. The calling goroutine is the key of what is under way; what a goroutine inherits is copied when it is made.
 *
 * Entries can run twice for one call, when the stack had to grow: a second start replaces the first.
 */
#include "go-header.h"
#include "go-registers.h"
#include "span.h"

#define PAIRS 16384

struct goroutine {
	u64 address;
	u64 process;
};

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
	/* The following are zero where the layouts of the program's Go are not known. */
	u32 request_header;
	u32 answer_wrote_header;
	u32 answer_status;
	u32 goroutine_machine;
	u32 machine_goroutine;
	u32 header_layout;
};

struct settings {
	u64 namespace_dev;
	u64 namespace_ino;
};

MAP struct map settings = { MAP_ARRAY, 4, sizeof(struct settings), 1, 0 };
MAP struct map processes = { MAP_HASH, 4, sizeof(struct offsets), 1024, 0 };
MAP struct map events = { MAP_RING_BUFFER, 0, 0, 4 << 20, 0 };
/* Spans that did not fit: the ring buffer was full. */
MAP struct map lost = { MAP_ARRAY, 4, 8, 1, 0 };
/* Never written: what a new span starts as. */
MAP struct map blank_http = { MAP_ARRAY, 4, sizeof(struct http_span), 1, 0 };
MAP struct map blank_sql = { MAP_ARRAY, 4, sizeof(struct sql_span), 1, 0 };
MAP struct map server_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct http_span), 8192, 0 };
MAP struct map client_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct http_span), 4096, 0 };
MAP struct map sql_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct sql_span), 4096, 0 };
/* The span in which a goroutine works. */
MAP struct map contexts = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), 65536, 0 };
/* What the traceparent header of the request said that a goroutine is reading, where no header map can be read. */
MAP struct map incoming = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), PAIRS, 0 };
/* Thread -> goroutine that is making another one, where that cannot be read of the thread. */
MAP struct map makers = { MAP_LRU_HASH, 8, 8, PAIRS, 0 };

/* The process id as the tracer's namespace sees it when the process is to be traced; 0 otherwise. */
INLINE u32 traced_process(struct offsets **offsets)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	struct namespace_pid pid = {};
	if (!at || namespace_pid_tgid(at->namespace_dev, at->namespace_ino, &pid, sizeof(pid)))
		return 0;
	*offsets = map_lookup(&processes, &pid.process);
	return *offsets ? pid.process : 0;
}

INLINE u16 read_bytes(char *to, u32 room, u64 from, u64 length)
{
	u32 size = length > room ? room : length;
	asm volatile("" : "+r"(size));
	if (size > room || size == 0)
		return 0;
	if (read_user(to, size, (void *)from))
		return 0;
	return length > 65535 ? 65535 : length;
}

/* A Go string: pointer and length. */
INLINE u16 read_string(char *to, u32 room, u64 at)
{
	u64 words[2] = {};
	if (read_user(words, sizeof(words), (void *)at))
		return 0;
	return read_bytes(to, room, words[0], words[1]);
}

INLINE void random_bytes(u8 *to, u32 words)
{
	for (u32 i = 0; i < words; i++) {
		u32 random = random_u32();
		__builtin_memcpy(to + 4 * i, &random, 4);
	}
}

/* Gives the span its ids: in the trace of `parent`, or a new one. */
INLINE void begin(struct span_head *head, u32 kind, u32 process, struct span_context *parent)
{
	head->kind = kind;
	head->process = process;
	if (parent) {
		__builtin_memcpy(head->trace_id, parent->trace_id, 16);
		__builtin_memcpy(head->parent_id, parent->span_id, 8);
		head->sampled = parent->sampled;
	} else {
		random_bytes(head->trace_id, 4);
		head->sampled = 1;
	}
	random_bytes(head->span_id, 2);
	head->start_ns = monotonic_ns();
}

/* Also what is not sampled: metrics count it. */
INLINE void send(struct span_head *head, u32 size)
{
	head->end_ns = monotonic_ns();
	if (ring_buffer_output(&events, head, size, 0)) {
		u32 zero = 0;
		u64 *count = map_lookup(&lost, &zero);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
}

/* A span of this goroutine in `spans`, all zero; what stood there is dropped. */
INLINE void *fresh(void *spans, void *blanks, struct goroutine *key)
{
	u32 zero = 0;
	void *blank = map_lookup(blanks, &zero);
	if (!blank || map_update(spans, key, blank, 0))
		return 0;
	return map_lookup(spans, key);
}

#define FIND(at)                                    \
	struct offsets *offsets = 0;                \
	u32 process = traced_process(&offsets);     \
	if (!process)                               \
		return 0;                           \
	struct goroutine key = { GOROUTINE(at), process };

/* net/http.serverHandler.ServeHTTP(handler, ResponseWriter, *Request) */
PROGRAM("server_start")
int server_start(struct registers *at)
{
	FIND(at)
	struct http_span *span = fresh(&server_spans, &blank_http, &key);
	if (!span)
		return 0;
	u64 request = WORD_3(at);
	struct span_context caller = {};
	u32 called = 0;
	if (offsets->header_layout) {
		called = read_header(&caller, offsets->header_layout, read_word(request + offsets->request_header));
	} else {
		struct span_context *seen = map_lookup(&incoming, &key);
		if (seen) {
			caller = *seen;
			called = 1;
		}
	}
	begin(&span->head, SPAN_HTTP_SERVER, process, called ? &caller : 0);
	u64 url = read_word(request + offsets->request_url);
	span->response = WORD_2(at);
	span->method_length = read_string(span->method, sizeof(span->method), request);
	span->host_length = read_string(span->host, sizeof(span->host), request + offsets->request_host);
	span->peer_length = read_string(span->peer, sizeof(span->peer), request + offsets->request_remote);
	span->path_length = read_string(span->path, sizeof(span->path), url + offsets->url_path);
	span->query_length = read_string(span->query, sizeof(span->query), url + offsets->url_query);
	span->head.protocol_major = read_word(request + offsets->request_major);
	span->protocol_minor = read_word(request + offsets->request_minor);
	span->head.secure = read_word(request + offsets->request_tls) != 0;

	struct span_context context = { .sampled = span->head.sampled };
	__builtin_memcpy(context.trace_id, span->head.trace_id, 16);
	__builtin_memcpy(context.span_id, span->head.span_id, 8);
	map_update(&contexts, &key, &context, 0);
	return 0;
}

/*
 * The status as the server keeps it, where its layout is known and the answer is its own: HTTP/1 has one type of it, others may come of another library.
 * server_status sees the rest.
 */
INLINE void read_status(struct http_span *span, struct offsets *offsets)
{
	u8 wrote = 0;
	if (!offsets->answer_status || span->head.protocol_major != 1)
		return;
	read_user(&wrote, 1, (void *)(span->response + offsets->answer_wrote_header));
	if (wrote)
		span->head.status = read_word(span->response + offsets->answer_status);
}

PROGRAM("server_end")
int server_end(struct registers *at)
{
	FIND(at)
	struct http_span *span = map_lookup(&server_spans, &key);
	if (span) {
		read_status(span, offsets);
		/* Written by the server itself after the handler when the handler wrote nothing. */
		if (!span->head.status)
			span->head.status = 200;
		send(&span->head, sizeof(*span));
		map_delete(&server_spans, &key);
	}
	map_delete(&contexts, &key);
	if (!offsets->header_layout)
		map_delete(&incoming, &key);
	return 0;
}

/* Returns of net/http.(*conn).serve, and of (*http2serverConn).runHandler: a request that is still open here was left by a panic. */
PROGRAM("server_abandoned")
int server_abandoned(struct registers *at)
{
	FIND(at)
	struct http_span *span = map_lookup(&server_spans, &key);
	if (span) {
		read_status(span, offsets);
		span->head.failed = 1;
		send(&span->head, sizeof(*span));
		map_delete(&server_spans, &key);
	}
	map_delete(&contexts, &key);
	if (!offsets->header_layout)
		map_delete(&incoming, &key);
	return 0;
}

/* net/http.(*response).WriteHeader(code): the first final status is the one that is sent. */
PROGRAM("server_status")
int server_status(struct registers *at)
{
	FIND(at)
	struct http_span *span = map_lookup(&server_spans, &key);
	u64 code = WORD_1(at);
	if (span && span->response == WORD_0(at) && !span->head.status && (code >= 200 || code == 101))
		span->head.status = code;
	return 0;
}

/* Returns of net/http.(*ServeMux).findHandler: (Handler, pattern string, ...) */
PROGRAM("server_route")
int server_route(struct registers *at)
{
	FIND(at)
	struct http_span *span = map_lookup(&server_spans, &key);
	if (span && WORD_3(at))
		span->route_length = read_bytes(span->route, sizeof(span->route), WORD_2(at), WORD_3(at));
	return 0;
}

/* Returns of net/textproto.(*Reader).readContinuedLineSlice: one header line, "Traceparent: 00-...". */
PROGRAM("header_line")
int header_line(struct registers *at)
{
	/* "traceparent:" has 12 bytes, its value of version 00 has 55; proxies may pad. */
	u64 length = WORD_1(at);
	if (length < 67 || length > 72)
		return 0;
	FIND(at)
	char line[12] = {};
	const char name[] = "traceparent:";
	if (read_user(line, 12, (void *)WORD_0(at)))
		return 0;
	u32 differs = 0;
	for (u32 i = 0; i < 12; i++)
		differs |= (i == 11 ? line[i] : line[i] | 32) ^ name[i];
	if (differs)
		return 0;
	char space = 0;
	read_user(&space, 1, (void *)(WORD_0(at) + 12));
	u32 start = space == ' ' ? 13 : 12;
	struct span_context context = {};
	if (!read_traceparent(&context, WORD_0(at) + start, length - start))
		return 0;
	map_update(&incoming, &key, &context, 0);
	return 0;
}

/* runtime.newproc1(function, calling goroutine, ...), which runs on the stack of the scheduler. */
PROGRAM("goroutine_start")
int goroutine_start(struct registers *at)
{
	struct offsets *offsets = 0;
	if (!traced_process(&offsets))
		return 0;
	u64 thread = current_pid_tgid(), maker = WORD_1(at);
	map_update(&makers, &thread, &maker, 0);
	return 0;
}

/* Returns the new goroutine, whose address another one may have had before. */
PROGRAM("goroutine_end")
int goroutine_end(struct registers *at)
{
	struct offsets *offsets = 0;
	u32 process = traced_process(&offsets);
	if (!process)
		return 0;
	struct goroutine parent = { 0, process }, child = { WORD_0(at), process };
	if (offsets->machine_goroutine) {
		parent.address = read_word(read_word(GOROUTINE(at) + offsets->goroutine_machine) + offsets->machine_goroutine);
	} else {
		u64 thread = current_pid_tgid();
		u64 *maker = map_lookup(&makers, &thread);
		if (!maker)
			return 0;
		parent.address = *maker;
		map_delete(&makers, &thread);
	}
	struct span_context *context = map_lookup(&contexts, &parent);
	if (context) {
		struct span_context copy = *context;
		map_update(&contexts, &child, &copy, 0);
	} else {
		map_delete(&contexts, &child);
	}
	if (!offsets->header_layout)
		map_delete(&incoming, &child);
	return 0;
}

/* net/http.(*Transport).roundTrip(*Request) (*Response, error) */
PROGRAM("client_start")
int client_start(struct registers *at)
{
	FIND(at)
	struct http_span *span = fresh(&client_spans, &blank_http, &key);
	if (!span)
		return 0;
	begin(&span->head, SPAN_HTTP_CLIENT, process, map_lookup(&contexts, &key));
	u64 request = WORD_1(at);
	u64 url = read_word(request + offsets->request_url);
	u64 scheme[2] = {};
	read_user(scheme, sizeof(scheme), (void *)(url + offsets->url_scheme));
	span->head.secure = scheme[1] == 5; /* "https" is longer than "http" */
	span->method_length = read_string(span->method, sizeof(span->method), request);
	span->host_length = read_string(span->host, sizeof(span->host), url + offsets->url_host);
	span->path_length = read_string(span->path, sizeof(span->path), url + offsets->url_path);
	span->query_length = read_string(span->query, sizeof(span->query), url + offsets->url_query);
	return 0;
}

PROGRAM("client_end")
int client_end(struct registers *at)
{
	FIND(at)
	struct http_span *span = map_lookup(&client_spans, &key);
	if (!span)
		return 0;
	u64 response = WORD_0(at);
	span->head.failed = WORD_1(at) != 0;
	if (response && !span->head.failed)
		span->head.status = read_word(response + offsets->response_status);
	send(&span->head, sizeof(*span));
	map_delete(&client_spans, &key);
	return 0;
}

INLINE struct sql_span *sql_start(struct goroutine *key, u32 process)
{
	struct sql_span *span = fresh(&sql_spans, &blank_sql, key);
	if (span)
		begin(&span->head, SPAN_SQL, process, map_lookup(&contexts, key));
	return span;
}

INLINE int sql_end(struct goroutine *key, u64 error)
{
	struct sql_span *span = map_lookup(&sql_spans, key);
	if (!span)
		return 0;
	span->head.failed = error != 0;
	send(&span->head, sizeof(*span));
	map_delete(&sql_spans, key);
	return 0;
}

/* database/sql.(*DB).queryDC(ctx, txctx, dc, releaseConn, query, args) (*Rows, error) */
PROGRAM("sql_query_start")
int sql_query_start(struct registers *at)
{
	FIND(at)
	struct sql_span *span = sql_start(&key, process);
	if (span)
		span->text_length = read_bytes(span->text, sizeof(span->text), WORD_7(at), WORD_8(at));
	return 0;
}

/* database/sql.(*DB).execDC(ctx, dc, release, query, args) (Result, error) */
PROGRAM("sql_exec_start")
int sql_exec_start(struct registers *at)
{
	FIND(at)
	struct sql_span *span = sql_start(&key, process);
	if (span)
		span->text_length = read_bytes(span->text, sizeof(span->text), WORD_5(at), WORD_6(at));
	return 0;
}

/* database/sql.(*Stmt).QueryContext(ctx, args) (*Rows, error) and ExecContext(ctx, args) (Result, error) */
PROGRAM("sql_statement_start")
int sql_statement_start(struct registers *at)
{
	FIND(at)
	struct sql_span *span = sql_start(&key, process);
	if (span)
		span->text_length = read_string(span->text, sizeof(span->text), WORD_0(at) + offsets->statement_query);
	return 0;
}

PROGRAM("sql_query_end")
int sql_query_end(struct registers *at)
{
	FIND(at)
	return sql_end(&key, WORD_1(at));
}

PROGRAM("sql_exec_end")
int sql_exec_end(struct registers *at)
{
	FIND(at)
	return sql_end(&key, WORD_2(at));
}
