/* Carries the span over to goroutines that are made in it. */
#pragma once
#include "go-context.h"

INLINE void inherit(struct goroutine *parent, struct goroutine *child, struct offsets *offsets)
{
	struct span_context *context = context_of(parent, offsets);
	if (context) {
		struct span_context copy = *context;
		/* Left over when the end of a server's goroutine was not seen. */
		if (served_by(child))
			end_serving(child);
		hold_context(child, &copy, offsets);
	} else if (!offsets->goroutine_id) {
		/* Another goroutine may have had the address of this one. */
		struct held_context *left = map_lookup(&contexts, child);
		if (left)
			left->context.holds = 0;
	}
	forget_incoming(child, offsets);
}

/* The goroutine for which the scheduler, on whose stack this runs, works. */
INLINE u64 current_goroutine(struct goroutine *scheduler, struct offsets *offsets)
{
	return read_word(read_word(scheduler->address + offsets->goroutine_machine) + offsets->machine_goroutine);
}

/* The call of runtime.runqput(processor, new goroutine, ...) in the function that runtime.newproc has the scheduler run. */
GO_PROGRAM(goroutine_made)
{
	struct goroutine parent = { current_goroutine(key, offsets), key->process }, child = { WORD_1(at), key->process };
	inherit(&parent, &child, offsets);
}

/* runtime.newproc1(function, calling goroutine, ...), which runs on the stack of the scheduler. */
GO_PROGRAM(goroutine_start)
{
	u64 thread = current_pid_tgid(), maker = WORD_1(at);
	map_update(&makers, &thread, &maker, 0);
}

/* Returns the new goroutine. */
GO_PROGRAM(goroutine_end)
{
	struct goroutine parent = { 0, key->process }, child = { WORD_0(at), key->process };
	if (offsets->machine_goroutine) {
		parent.address = current_goroutine(key, offsets);
	} else {
		u64 thread = current_pid_tgid();
		u64 *maker = map_lookup(&makers, &thread);
		if (!maker)
			return;
		parent.address = *maker;
		map_delete(&makers, &thread);
	}
	inherit(&parent, &child, offsets);
}

/* The call of runtime.newproc(function) that a go statement is. */
REQUEST_PROGRAM(5, go_statement)
{
	struct span_context *context = context_of(key, offsets);
	struct promise promise = { key->process, next_number(key, offsets), goroutine_id(key, offsets), {} };
	u32 place = promise.number & (PROMISES - 1);
	struct promise *at_place = map_lookup(&promises, &place);
	if (context)
		promise.context = *context;
	/* Also that there is nothing to inherit: else a later promise of the same statement would be taken for its. */
	if (at_place)
		*at_place = promise;
	if (!context)
		return;
	struct statement statement = { key->process, promise.parent, BEHIND_CALL(at) };
	struct promise *before = map_lookup(&statements, &statement);
	if (before)
		*before = promise;
	else
		map_update(&statements, &statement, &promise, 0);
}
