/* What the clients of single databases have in common (go-pgx.h, go-redis.h). */
#pragma once
#include "go-context.h"

/* struct runtime.g begins with the bounds of its stack. */
#define STACK_END 8

/* By the call, or by the results that outlive it. */
MAP struct map database_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct database_span), 4096, 0 };

/*
 * One call among those that a goroutine is in: calls may lie in one another. How far its frame is from the end of the stack is the same at its entry and at its
 * returns, also when the stack was moved.
 */
INLINE struct goroutine call_of(struct registers *at, struct goroutine *key)
{
	u64 depth = read_word(key->address + STACK_END) - STACK(at);
	struct goroutine call = { key->address, key->process | depth << 32 };
	return call;
}

INLINE struct database_span *database_start(struct goroutine *call, struct goroutine *key, struct offsets *offsets, u32 kind)
{
	struct database_span *span = fresh(&database_spans, &blank_database, call);
	if (!span)
		return 0;
	begin(&span->head, SPAN_DATABASE, key, context_of(key, offsets));
	span->call = kind;
	return span;
}

INLINE void database_end(struct goroutine *call)
{
	struct database_span *span = map_lookup(&database_spans, call);
	if (!span)
		return;
	send(&span->head, sizeof(*span));
	map_delete(&database_spans, call);
}
