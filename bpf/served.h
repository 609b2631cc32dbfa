/* Ends of requests that threads answer, see context.h. Part of syscalls.bpf.c. */

INLINE struct server_thread *server_thread(u64 thread)
{
	struct server_thread *found = map_lookup(&server_threads, &thread), none = {};
	if (found)
		return found;
	map_update(&server_threads, &thread, &none, 0);
	return map_lookup(&server_threads, &thread);
}

/* Of requests and answers any thread may see the end, also that of another thread. */
INLINE void add_open(struct server_thread *at, u32 descriptor, s64 sign)
{
	__sync_fetch_and_add(&at->open, sign);
	__sync_fetch_and_add(&at->descriptors, sign * (s64)descriptor);
}

INLINE void end_served(struct connection *connection)
{
	struct served *of = map_lookup(&served, connection);
	struct server_thread *at = of ? map_lookup(&server_threads, &of->thread) : 0;
	if (at && of->state == SERVED_OPEN)
		add_open(at, connection->descriptor, -1);
	else if (at)
		__sync_fetch_and_add(&at->others, -1);
	if (at && of->left == NOT_BEGUN)
		at->abandoned_ns = monotonic_ns();
	if (of)
		map_delete(&served, connection);
}

/* What the thread sends from now on is nobody's business but the tracer's: more than is followed here goes on in it. */
INLINE void note_unclear_thread(void)
{
	struct server_thread *at = server_thread(current_pid_tgid());
	if (at)
		at->unclear = 1;
}

INLINE void note_unclear_process(u32 process)
{
	u32 *flags = map_lookup(&processes, &process);
	if (flags)
		*flags |= UNCLEAR;
}
