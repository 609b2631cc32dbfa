/*
 * Says that processes begin, execute a file and end, and that sockets begin to listen, so that nobody has to look through /proc again and again
 * (src/instrument/ebpf/process-changes.ts): of processes that are followed and what descends from them, or of all.
 */
#include "kernel-memory.h"
#include "namespace.h"

#define LISTENS 10
/* A map that takes memory as it fills. */
#define NOT_AT_ONCE 1

struct watching {
	struct namespace namespace;
	u32 all;
	/* Where the kernel has them: task_struct.tgid, .pid and .signal, signal_struct.live. */
	u32 process;
	u32 thread;
	u32 group;
	u32 alive;
	u32 unused;
};

MAP struct map watching = { MAP_ARRAY, 4, sizeof(struct watching), 1, 0 };
/* By their numbers in the tracer's namespace. */
MAP struct map followed = { MAP_HASH, 4, 4, 16384, NOT_AT_ONCE };
/* What they have started since, by its numbers in the first namespace: those in the tracer's are only known of who runs. */
MAP struct map descendants = { MAP_LRU_HASH, 4, 4, 16384, 0 };
/* A number each, of who has executed a file; 0 for whatever else. Where one has no room, there are others that nobody has read. */
MAP struct map changes = { MAP_RING_BUFFER, 0, 0, 65536, 0 };

INLINE struct watching *settings(void)
{
	u32 zero = 0;
	return map_lookup(&watching, &zero);
}

INLINE void tell(u32 process)
{
	ring_buffer_output(&changes, &process, sizeof(process), 0);
}

INLINE int is_followed(struct watching *at)
{
	u32 process = current_pid_tgid() >> 32;
	if (at->all || map_lookup(&descendants, &process))
		return 1;
	process = process_in(&at->namespace);
	return process && map_lookup(&followed, &process);
}

/* sched_process_fork(struct task_struct *parent, struct task_struct *child), in the parent */
TRACEPOINT("sched_process_fork")
int forked(u64 *arguments)
{
	struct watching *at = settings();
	if (!at || !is_followed(at))
		return 0;
	u32 child = kernel_word(arguments[1] + at->process), yes = 1;
	/* A thread. */
	if (kernel_word(arguments[1] + at->thread) != child)
		return 0;
	if (!at->all)
		map_update(&descendants, &child, &yes, 0);
	tell(0);
	return 0;
}

/* sched_process_exec(struct task_struct *, ...), in the process */
TRACEPOINT("sched_process_exec")
int executed(u64 *arguments)
{
	struct watching *at = settings();
	if (at && is_followed(at))
		tell(process_in(&at->namespace));
	return 0;
}

/* sched_process_exit(struct task_struct *, ...), in each thread */
TRACEPOINT("sched_process_exit")
int ended(u64 *arguments)
{
	struct watching *at = settings();
	if (!at || !is_followed(at))
		return 0;
	u64 group = kernel_long(arguments[0] + at->group);
	/* How many of its threads go on. */
	if (kernel_word(group + at->alive))
		return 0;
	u32 process = current_pid_tgid() >> 32;
	map_delete(&descendants, &process);
	tell(0);
	return 0;
}

/* inet_sock_set_state(struct sock *, int before, int now) */
TRACEPOINT("inet_sock_set_state")
int changed(u64 *arguments)
{
	if ((u32)arguments[2] == LISTENS)
		tell(0);
	return 0;
}
