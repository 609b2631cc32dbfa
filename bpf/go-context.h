/* The span in which a goroutine works, and the programs that ask for it. */
#pragma once
#include "go-answer.h"

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

/* The goroutine works for no span any more. */
INLINE void leave(struct goroutine *key, struct offsets *offsets)
{
	struct span_context *context = context_of(key, offsets);
	if (context)
		context->holds = 0;
	forget_incoming(key, offsets);
}

/* Looks at a request (go-http.h), and the programs that ask for it when it has not been: by the numbers in the names of their sections. */
MAP struct map programs = { MAP_PROGRAMS, 4, 4, 64, 0 };
#define SEES_REQUEST 0

/* The request of this goroutine has not been looked at: does so, and has program `again` run from its beginning. Returns when nothing is to be done. */
INLINE void see_first(void *at, struct offsets *offsets, struct goroutine *key, u32 again)
{
	struct http_call *call = served_by(key);
	if (!call || !is_unseen(call, offsets))
		return;
	call->again = again;
	tail_call(at, &programs, SEES_REQUEST);
}

/* A program, whose body runs for processes that are traced only. */
#define GO_PROGRAM(name) GO_PROGRAM_IN(name, "program/" #name, )
/* One that wants to know in which request its goroutine works; `number`: one of its own, from 1 on. */
#define REQUEST_PROGRAM(number, name) GO_PROGRAM_IN(name, "program/" #name "/" #number, see_first(at, offsets, &key, number))

#define GO_PROGRAM_IN(name, place, before)                                                              \
	INLINE void name##_body(struct registers *at, struct offsets *offsets, struct goroutine *key);  \
	__attribute__((section(place), used)) int name(struct registers *at)                           \
	{                                                                                               \
		struct offsets *offsets = 0;                                                            \
		struct goroutine key = { GOROUTINE(at), traced_process(&offsets) };                     \
		if (key.process) {                                                                      \
			before;                                                                         \
			name##_body(at, offsets, &key);                                                 \
		}                                                                                       \
		return 0;                                                                               \
	}                                                                                               \
	INLINE void name##_body(struct registers *at, struct offsets *offsets, struct goroutine *key)
