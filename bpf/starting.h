/* Processes that may become traced ones: their first connections may be open before the tracer knows of them. */
#pragma once
#include "go-registers.h"
#include "traced-process.h"

#define MOST_ANCESTORS 16

/* Who starts what is traced: `otelier run`, whose child the tracer is. Another one may run the same file with a tracer of its own. */
struct launcher {
	u64 task; /* zero: all processes are taken */
	u64 parent_offset; /* of task_struct.real_parent; zero where it is not known */
};

MAP struct map launcher = { MAP_ARRAY, 4, sizeof(struct launcher), 1, 0 };
/* By process. */
MAP struct map starting = { MAP_LRU_HASH, 4, 4, 1024, 0 };

static u64 (*const current_task_address)(void) = (void *)35;
static long (*const read_kernel_word)(u64 *to, u32 size, u64 from) = (void *)113;

INLINE u64 parent_of(u64 task, struct launcher *at)
{
	u64 parent = 0;
	read_kernel_word(&parent, sizeof(parent), task + at->parent_offset);
	return parent;
}

/* Run once, by the tracer itself. */
TRACEPOINT("note_launcher")
int note_launcher(void *nothing)
{
	u32 zero = 0;
	struct launcher *at = map_lookup(&launcher, &zero);
	if (at && at->parent_offset)
		at->task = parent_of(current_task_address(), at);
	return 0;
}

INLINE u32 is_launched(struct launcher *at)
{
	u64 task = current_task_address();
	for (u32 i = 0; i < MOST_ANCESTORS && task; i++) {
		task = parent_of(task, at);
		if (task == at->task)
			return 1;
	}
	return 0;
}

/* runtime.main(), in any process that executes the file. */
PROGRAM("process_start")
int process_start(struct registers *registers)
{
	u32 process = process_id(), yes = 1, zero = 0;
	struct launcher *at = map_lookup(&launcher, &zero);
	if (process && at && (!at->task || is_launched(at)))
		map_update(&starting, &process, &yes, 0);
	return 0;
}
