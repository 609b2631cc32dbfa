/* What the programs of go.bpf.c keep between two stops, and what they all do with it. */
#pragma once
#include "go-registers.h"
#include "go-header.h"
#include "outgoing.h"
#include "span.h"
#include "traced-process.h"

#define PAIRS 16384

struct text {
	u64 at;
	u64 length;
};

/* A request under way. What is asked for most comes first, beside the key. */
struct http_call {
	/* Of a server: its http.conn; zero when requests are seen at their stops alone. The rest is go-answer.h's. */
	u64 connection;
	/* When the first bytes of the next request came, or those of this one; zero when none have. */
	u64 came_ns;
	/* When the last bytes of the answer left, and whether that was before the handler returned. */
	u64 left_ns;
	u64 left_early;
	/* The http.response of which all has been told, while more of it may be written. */
	u64 told;
	/* Of a server: its http.response and http.Request. */
	u64 response;
	u64 request;
	/* The type of its net.Conn, until it is known what writes to those (go-answer.h). */
	u64 methods;
	/* Of a server: whether a body came with it. */
	u64 has_body;
	/* Answer and request that are to be looked at, and the program that goes on then (go-context.h). */
	u64 next;
	u64 next_request;
	u64 again;
	/* Where the text of its RequestURI is, by which the request is known again. */
	u64 target;
	/* Of a server: the pattern that its http.Request had when it was looked at. */
	struct text pattern;
	/* Of a server: the peer that the texts begin with. A connection has the same string for all of its requests. */
	struct text peer;
	/* Bytes of the texts, without the route's, which come last. */
	u64 used;
	/* Of a server: how deep in its goroutine's stack the router is that said the route (go-routers.h). */
	u64 route_depth;
	/* Of a server: the span in which its goroutine works. */
	struct span_context context;
	/* The http.response as it was read last. */
	u64 answer[32];
	struct http_span span;
};

/* The span in which a goroutine works that answers no HTTP request itself. */
struct held_context {
	struct span_context context;
	/* Addresses of goroutines are used again, their numbers are not. Zero where it cannot be read. */
	u64 goroutine_id;
};

/* Random numbers, set once (src/instrument/ebpf/tracer.ts). */
struct secrets {
	u64 first;
	u64 second;
};

MAP struct map secrets = { MAP_ARRAY, 4, sizeof(struct secrets), 1, 0 };
MAP struct map events = { MAP_RING_BUFFER, 0, 0, 4 << 20, 0 };
/* Spans and log lines that did not fit: the ring buffer was full. */
MAP struct map lost = { MAP_ARRAY, 4, 8, 2, 0 };
/* Never written: what a new span starts as. */
MAP struct map blank_http = { MAP_ARRAY, 4, sizeof(struct http_call), 1, 0 };
MAP struct map blank_rpc = { MAP_ARRAY, 4, sizeof(struct rpc_span), 1, 0 };
MAP struct map blank_sql = { MAP_ARRAY, 4, sizeof(struct sql_span), 1, 0 };
MAP struct map blank_database = { MAP_ARRAY, 4, sizeof(struct database_span), 1, 0 };
MAP struct map client_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct http_call), 4096, 0 };
/* Calls by their goroutine; those of streams, which may end in another one, by their stream. */
MAP struct map rpc_client_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct rpc_span), 4096, 0 };
MAP struct map rpc_server_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct rpc_span), 4096, 0 };
MAP struct map sql_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct sql_span), 4096, 0 };
/* The span in which a goroutine works, or worked last, when it answers no request (go-served.h): whoever has one looks there alone. */
MAP struct map contexts = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct held_context), 65536, 0 };
/* What the traceparent header of the request said that a goroutine is reading, where no header map can be read. */
MAP struct map incoming = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), PAIRS, 0 };
/* Thread -> goroutine that is making another one, where that cannot be read of the thread. */
MAP struct map makers = { MAP_LRU_HASH, 8, 8, PAIRS, 0 };

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

/* As SplitMix64 does (Steele, Lea, Flood 2014). */
INLINE u64 mix(u64 value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

/*
 * Eight bytes that differ from span to span and cannot be guessed from others: of the time, which no two spans of a goroutine have in common, and the
 * goroutine, mixed with what only the tracer knows. A random number of the kernel's takes longer.
 */
INLINE u64 fresh_id(u64 time, struct goroutine *key)
{
	u32 zero = 0;
	struct secrets *secret = map_lookup(&secrets, &zero);
	if (!secret)
		return 1;
	u64 id = mix(mix(time ^ secret->first) ^ key->address ^ key->process << 48 ^ secret->second);
	return id ? id : 1;
}

/* Gives the span its ids: in the trace of `parent`, or a new one. */
INLINE void begin_at(u64 start_ns, struct span_head *head, u32 kind, struct goroutine *key, struct span_context *parent)
{
	head->kind = kind;
	head->process = key->process;
	if (parent) {
		__builtin_memcpy(head->trace_id, parent->trace_id, 16);
		__builtin_memcpy(head->parent_id, parent->span_id, 8);
		head->sampled = parent->sampled;
	} else {
		random_bytes(head->trace_id, 4);
		head->sampled = 1;
	}
	head->start_ns = start_ns;
	u64 id = fresh_id(start_ns, key);
	__builtin_memcpy(head->span_id, &id, sizeof(id));
}

INLINE void begin(struct span_head *head, u32 kind, struct goroutine *key, struct span_context *parent)
{
	begin_at(monotonic_ns(), head, kind, key, parent);
}

/* `what`: 0 for a span, 1 for a log line. */
INLINE void count_lost(u32 what)
{
	u64 *count = map_lookup(&lost, &what);
	if (count)
		__sync_fetch_and_add(count, 1);
}

/* Also what is not sampled: metrics count it. */
INLINE void send_ended(struct span_head *head, u32 size)
{
	if (ring_buffer_output(&events, head, size, 0))
		count_lost(0);
}

INLINE void send(struct span_head *head, u32 size)
{
	head->end_ns = monotonic_ns();
	send_ended(head, size);
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

INLINE struct span_context context_in(struct span_head *head)
{
	struct span_context context = { .sampled = head->sampled, .holds = 1 };
	__builtin_memcpy(context.trace_id, head->trace_id, 16);
	__builtin_memcpy(context.span_id, head->span_id, 8);
	return context;
}

#include "go-served.h"

/* What a goroutine read of a header line by line is not for its next request. */
INLINE void forget_incoming(struct goroutine *key, struct offsets *offsets)
{
	if (!offsets->header_layout)
		map_delete(&incoming, key);
}
