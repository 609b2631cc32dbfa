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

/* A request under way. */
struct http_call {
	struct http_span span;
	/* Of a server: the span in which its goroutine works. */
	struct span_context context;
	/* Of a server: its http.response and http.Request. */
	u64 response;
	u64 request;
	/* Where the text of its RequestURI is, by which the request is known again. */
	u64 target;
	/* Of a server: the peer that the texts begin with. A connection has the same string for all of its requests. */
	struct text peer;
	/* Bytes of the texts, without the route's, which come last. */
	u64 used;
	/* Of a server: how deep in its goroutine's stack the router is that said the route (go-routers.h). */
	u64 route_depth;
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

INLINE void random_bytes(u8 *to, u32 words)
{
	for (u32 i = 0; i < words; i++) {
		u32 random = random_u32();
		__builtin_memcpy(to + 4 * i, &random, 4);
	}
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
INLINE void begin(struct span_head *head, u32 kind, struct goroutine *key, struct span_context *parent)
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
	head->start_ns = monotonic_ns();
	u64 id = fresh_id(head->start_ns, key);
	__builtin_memcpy(head->span_id, &id, sizeof(id));
}

/* `what`: 0 for a span, 1 for a log line. */
INLINE void count_lost(u32 what)
{
	u64 *count = map_lookup(&lost, &what);
	if (count)
		__sync_fetch_and_add(count, 1);
}

/* Also what is not sampled: metrics count it. */
INLINE void send(struct span_head *head, u32 size)
{
	head->end_ns = monotonic_ns();
	if (ring_buffer_output(&events, head, size, 0))
		count_lost(0);
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

#include "go-served.h"

/* Which goroutine has this address now; 0 where that cannot be read. */
INLINE u64 goroutine_id(struct goroutine *key, struct offsets *offsets)
{
	return offsets->goroutine_id ? read_word(key->address + offsets->goroutine_id) : 0;
}

/* Writes over what is there: nobody else uses a goroutine's entry meanwhile, and to look takes no lock. */
INLINE void hold_context(struct goroutine *key, struct span_context *context, struct offsets *offsets)
{
	struct held_context held = { *context, goroutine_id(key, offsets) };
	struct held_context *found = map_lookup(&contexts, key);
	if (found)
		*found = held;
	else
		map_update(&contexts, key, &held, 0);
}

#include "go-statement.h"

/* The span in which a goroutine works; 0 for none. */
INLINE struct span_context *context_of(struct goroutine *key, struct offsets *offsets)
{
	struct http_call *call = served_by(key);
	if (call)
		return call->context.holds ? &call->context : 0;
	struct held_context *held = map_lookup(&contexts, key);
	u64 id = goroutine_id(key, offsets);
	if (held && held->goroutine_id == id)
		return held->context.holds ? &held->context : 0;
	/* It has not been asked for yet. */
	struct span_context *inherited = offsets->goroutine_parent ? promised_context(key, id, offsets) : 0;
	if (!inherited)
		return 0;
	hold_context(key, inherited, offsets);
	held = map_lookup(&contexts, key);
	return held ? &held->context : 0;
}

INLINE struct span_context context_in(struct span_head *head)
{
	struct span_context context = { .sampled = head->sampled, .holds = 1 };
	__builtin_memcpy(context.trace_id, head->trace_id, 16);
	__builtin_memcpy(context.span_id, head->span_id, 8);
	return context;
}

/* From now on spans of this goroutine, and of those that it starts, are below this one. */
INLINE void enter(struct goroutine *key, struct span_head *head, struct offsets *offsets)
{
	struct span_context context = context_in(head);
	struct http_call *call = served_by(key);
	if (call)
		call->context = context;
	else
		hold_context(key, &context, offsets);
}

/* What a goroutine read of a header line by line is not for its next request. */
INLINE void forget_incoming(struct goroutine *key, struct offsets *offsets)
{
	if (!offsets->header_layout)
		map_delete(&incoming, key);
}

/* The goroutine works for no span any more. */
INLINE void leave(struct goroutine *key, struct offsets *offsets)
{
	struct span_context *context = context_of(key, offsets);
	if (context)
		context->holds = 0;
	forget_incoming(key, offsets);
}

/* A program, whose body runs for processes that are traced only. */
#define GO_PROGRAM(name)                                                                                \
	INLINE void name##_body(struct registers *at, struct offsets *offsets, struct goroutine *key);  \
	PROGRAM(#name)                                                                                  \
	int name(struct registers *at)                                                                  \
	{                                                                                               \
		struct offsets *offsets = 0;                                                            \
		struct goroutine key = { GOROUTINE(at), traced_process(&offsets) };                     \
		if (key.process)                                                                        \
			name##_body(at, offsets, &key);                                                 \
		return 0;                                                                               \
	}                                                                                               \
	INLINE void name##_body(struct registers *at, struct offsets *offsets, struct goroutine *key)
