/* Processes that may become traced ones: their first connections may be open before the tracer knows of them. */
#pragma once
#include "go-registers.h"
#include "kernel-memory.h"
#include "outgoing.h"

#define MOST_ANCESTORS 16

/* Who starts what is traced: `otelier run`, whose child the tracer is. Another one may run the same file with a tracer of its own. */
struct launcher {
	u64 task; /* zero: all processes are taken */
	u64 parent_offset; /* of task_struct.real_parent and tgid */
	u64 process_offset;
};

MAP struct map launcher = { MAP_ARRAY, 4, sizeof(struct launcher), 1, 0 };

INLINE u64 parent_of(u64 task, struct launcher *at)
{
	return kernel_long(task + at->parent_offset);
}

/* Run once, by the tracer itself. */
TRACEPOINT("note_launcher")
int note_launcher(void *nothing)
{
	u32 zero = 0;
	struct launcher *at = map_lookup(&launcher, &zero);
	if (at)
		at->task = parent_of(current_task(), at);
	return 0;
}

INLINE u32 is_launched(struct launcher *at)
{
	u64 task = current_task();
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
	u32 process = kernel_process(), yes = 1, zero = 0;
	struct launcher *at = map_lookup(&launcher, &zero);
	if (at && (!at->task || is_launched(at)))
		map_update(&senders, &process, &yes, 0);
	return 0;
}

/* Whether what the current process opens is taken; where its number cannot be asked for. */
INLINE u32 is_sender(void)
{
	u32 process = 0, zero = 0;
	struct launcher *at = map_lookup(&launcher, &zero);
	if (!at || read_kernel(&process, sizeof(process), (void *)(current_task() + at->process_offset)))
		return 0;
	return map_lookup(&senders, &process) != 0;
}
