/*
 * Requests over HTTP/1 without a stop of their own. A connection's goroutine is known since it began (net/http.(*conn).serve); what it answers
 * stands in its connection (conn.curReq, a *response), and is looked at when the program needs it: when a call is made for it, and when bytes of the
 * answer go to the socket (answers.bpf.c). The first that go once the handler has returned end the request.
 */
#pragma once
#include "go-request.h"

/* Of a struct http.Request, from its RequestURI to behind its Pattern. */
#define PATTERN_WORDS 8
/* Of a struct http.response, from its beginning to behind its handlerDone. */
#define ANSWER_BYTES 168

INLINE void send_http(struct http_call *call)
{
	u64 route = call->span.route_length, used = call->used;
	asm volatile("" : "+r"(route), "+r"(used));
	if (route > ROUTE_BYTES)
		route = ROUTE_BYTES;
	if (used > HTTP_TEXT_BYTES - ROUTE_BYTES)
		return;
	send_ended(&call->span.head, sizeof(struct http_span) - HTTP_TEXT_BYTES + used + route);
}

INLINE void keep_route(struct http_call *call, struct text pattern)
{
	u64 used = call->used;
	if (pattern.length)
		call->span.route_length = append(&call->span, &used, ROUTE_BYTES, pattern);
}

/* What is known of a request's end: that another object may stand where the request was, that the server holds it still, that it was read just now. */
enum request_state { REQUEST_LEFT, REQUEST_HELD, REQUEST_READ };

/*
 * The pattern that the last mux wrote into the request, where no handler can have got a copy of it. What stands where a request was that the server does not
 * hold any more has not the same text to be asked for.
 */
INLINE void read_route(struct http_call *call, struct offsets *offsets, u32 state)
{
	u64 words[PATTERN_WORDS] = {};
	if (!offsets->request_pattern || call->span.route_length)
		return;
	if (state == REQUEST_READ) {
		keep_route(call, call->pattern);
		return;
	}
	if (read_user(words, sizeof(words), (void *)(call->request + offsets->request_target)) || (state == REQUEST_LEFT && words[0] != call->target))
		return;
	u32 at = (offsets->request_pattern - offsets->request_target) >> 3;
	struct text pattern = { words[at & (PATTERN_WORDS - 1)], words[(at + 1) & (PATTERN_WORDS - 1)] };
	keep_route(call, pattern);
}

INLINE void read_answer(struct http_call *call, u64 response)
{
	if (read_user(call->answer, ANSWER_BYTES, (void *)response))
		__builtin_memset(call->answer, 0, ANSWER_BYTES);
}

/* Whether the handler has returned, by the answer as it was read. */
INLINE u32 is_done(struct http_call *call, struct offsets *offsets)
{
	return (word_at(call->answer, offsets->answer_done) & 0xffffffff) != 0;
}

/* Whether the head of the answer was written, by the answer as it was read: its status does not change any more. */
INLINE u32 has_begun(struct http_call *call, struct offsets *offsets)
{
	return offsets->answer_status && (word_at(call->answer, offsets->answer_wrote_header) & 255) != 0;
}

/*
 * The status as the server keeps it, where its layout is known and the answer is its own: HTTP/1 has one type of it, others may come of another library.
 * server_status sees the rest.
 */
INLINE void take_status(struct http_call *call, struct offsets *offsets)
{
	if (offsets->answer_status && call->span.head.protocol_major == 1 && word_at(call->answer, offsets->answer_wrote_header) & 255)
		call->span.head.status = word_at(call->answer, offsets->answer_status);
}

/* Of a kind of connections, by the methods of their net.Conn: whether their goroutines write to the sockets themselves. */
struct connection_kind {
	u64 process;
	u64 methods;
};

MAP struct map connection_kinds = { MAP_LRU_HASH, sizeof(struct connection_kind), 4, 1024, 0 };

/* How many requests there are, at most, of which all of the answer may have left before the handler returned. */
MAP struct map early_answers = { MAP_ARRAY, 4, 8, 1, 0 };

INLINE void count_early(s64 more)
{
	u32 zero = 0;
	u64 *count = map_lookup(&early_answers, &zero);
	if (count)
		__sync_fetch_and_add(count, more);
}

/* A connection of this kind was opened; what is known of the kind stays. */
INLINE void meet_kind(struct http_call *call, struct goroutine *key)
{
	u32 unproven = 0;
	struct connection_kind kind = { key->process, read_word(call->connection + METHODS_OF_CONNECTION) };
	map_update(&connection_kinds, &kind, &unproven, IF_MISSING);
	call->methods = kind.methods;
}

/* Some of an answer went to its socket. */
INLINE void prove_kind(struct http_call *call, struct goroutine *key)
{
	u32 proven = 1;
	struct connection_kind kind = { key->process, call->methods };
	map_update(&connection_kinds, &kind, &proven, 0);
	call->methods = 0;
}

INLINE void leave_early(struct http_call *call)
{
	if (!call->left_early)
		count_early(1);
	call->left_early = 1;
}

/* The request is over: its answer was read last. */
INLINE void tell(struct http_call *call, struct offsets *offsets, u32 state, u64 end_ns)
{
	take_status(call, offsets);
	read_route(call, offsets, state);
	/* Written by the server itself after the handler when the handler wrote nothing. */
	if (!call->span.head.status && !call->span.head.failed && !call->span.hijacked)
		call->span.head.status = 200;
	call->span.head.end_ns = end_ns;
	send_http(call);
	call->span.head.kind = 0;
	call->context.holds = 0;
	call->told = call->response;
	call->came_ns = 0;
	if (call->left_early)
		count_early(-1);
	call->left_early = 0;
}

/* The answer at which the goroutine of a connection works; 0 between two. */
INLINE u64 answer_under_way(struct http_call *call, struct offsets *offsets)
{
	return read_word(call->connection + offsets->connection_answer);
}

/* Ends an earlier request whose end was not seen, as all of its answer had been written before the handler returned. */
INLINE void settle(struct http_call *call, struct offsets *offsets)
{
	read_answer(call, call->response);
	tell(call, offsets, REQUEST_LEFT, call->left_ns ? call->left_ns : monotonic_ns());
}

/* Whether the goroutine answers a request that has not been looked at; call->next is its answer then. */
INLINE u32 is_unseen(struct http_call *call, struct offsets *offsets)
{
	if (!call->connection)
		return 0;
	u64 response = answer_under_way(call, offsets);
	if (!response || response == call->told || (call->span.head.kind && response == call->response))
		return 0;
	call->next = response;
	call->next_request = 0;
	return 1;
}

/* Looks at it, at `now` the latest; where its request is not known it stands in the answer. */
INLINE void see(struct http_call *call, u64 now, struct offsets *offsets, struct goroutine *key)
{
	if (call->connection && call->span.head.kind && call->response != call->next)
		settle(call, offsets);
	/* Of one that came together with the one before, no bytes were seen. */
	u64 came_ns = call->came_ns ? call->came_ns : call->left_ns, start_ns = call->connection && came_ns ? came_ns : now;
	read_answer(call, call->next);
	u64 request = call->next_request ? call->next_request : word_at(call->answer, REQUEST_OF_ANSWER);
	begin_request(call, call->next, request, start_ns, offsets, key);
	call->left_ns = 0;
}
