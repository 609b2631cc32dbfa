/*
 * What is awaited at sockets of TCP: bytes to be read, and that the last of an answer leaves after the call that wrote it. Packets that come say both.
 * Part of syscalls.bpf.c.
 */

/* What is awaited at a socket of TCP. */
struct awaited {
	/* When the first packet came of what has not been read yet, or the last one before there was something; 0: not known. */
	u64 came_ns;
	/* Whose answer it is that TCP has not sent up to `end`; process 0: none's. */
	u32 process;
	u32 descriptor;
	u32 end;
	u32 unused;
};

MAP struct map arrivals = { MAP_LRU_HASH, 8, sizeof(struct awaited), 16384, 0 };

/* What is left to be sent once a call has returned: Nagle's algorithm waits for what the other side says to the packet before, a long answer for room. */
INLINE void note_unsent(struct offsets *at, struct call *call, struct known *known)
{
	u32 end = kernel_word(known->sock + at->tcp_written), descriptor = call->descriptor;
	if (!at->tcp_written || (known->verdict != UNDECIDED && known->verdict != BY_MESSAGE) || has_sent(at, known->sock, end))
		return;
	u64 thread = current_pid_tgid();
	struct tls_call *tls = call->in_tls ? map_lookup(&tls_calls, &thread) : 0;
	if (tls)
		descriptor = tls_descriptor(tls->connection);
	struct awaited *awaited = map_lookup(&arrivals, &known->sock);
	struct awaited made = { awaited ? awaited->came_ns : 0, call->process, descriptor, end, 0 };
	call->unsent = !map_update(&arrivals, &known->sock, &made, 0);
}

/* Says that TCP has sent what it had not when it was written, once it has: at the next packet that comes, or when the socket is closed, which sends it. */
INLINE void send_left(struct offsets *at, u64 sock, struct awaited *awaited, u32 closes)
{
	u64 now_ns = monotonic_ns(), left_ns = now_ns;
	if (has_sent(at, sock, awaited->end)) {
		u64 last_ns = departure_ns(at, sock);
		if (last_ns < now_ns)
			left_ns = last_ns;
	} else if (!closes) {
		return;
	}
	struct call call = { now_ns, 0, 0, awaited->process, awaited->descriptor, CHUNK_LEFT, 0, 0, 0, 0, 0, 0, left_ns, 0 };
	struct vector nothing = {};
	awaited->process = 0;
	send_without_data(&call, 0, now_ns, &nothing);
}

/* The socket is about to be closed. */
INLINE void end_awaited(u64 sock)
{
	u32 zero = 0;
	struct awaited *awaited = sock ? map_lookup(&arrivals, &sock) : 0;
	struct settings *at = awaited && awaited->process ? map_lookup(&settings, &zero) : 0;
	if (at)
		send_left(&at->offsets, sock, awaited, 1);
	if (awaited)
		map_delete(&arrivals, &sock);
}

/* tcp_probe(struct sock *, struct sk_buff *): a packet came over a connection that is open, on whatever processor and within whatever task. */
TRACEPOINT("tcp_probe")
int packet_came(u64 *arguments)
{
	u64 sock = arguments[0];
	u32 zero = 0;
	struct awaited *awaited = map_lookup(&arrivals, &sock);
	struct settings *at = awaited ? map_lookup(&settings, &zero) : 0;
	if (!at)
		return 0;
	if (awaited->process)
		send_left(&at->offsets, sock, awaited, 0);
	if (!is_ready(&at->offsets, sock))
		awaited->came_ns = monotonic_ns();
	return 0;
}
