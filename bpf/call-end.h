/* Returns of system calls: what they have moved is sent to the tracer, as far as it is wanted. Part of syscalls.bpf.c. */
/* struct mmsghdr, of which the kernel fills in how many bytes were moved. */
#define MESSAGE_STRIDE 64
#define MESSAGE_MOVED 56
/* Messages of one call that are sent on: a resolver asks for two kinds of addresses at a time. */
#define MESSAGES 4

enum begin { BEGINS_NOTHING, BEGINS_HTTP1, BEGINS_HTTP2 };

/* By the first four bytes of a request line of HTTP/1, of a status line, of the preface of an HTTP/2 connection. */
INLINE u32 begins_message(u64 address)
{
	u32 word = 0;
	if (read_user(&word, 4, (void *)address))
		return BEGINS_NOTHING;
	if (is_method(word) || word == HTTP_ANSWER)
		return BEGINS_HTTP1;
	return word == 0x20495250 /* PRI_ */ ? BEGINS_HTTP2 : BEGINS_NOTHING;
}

/* Takes over what the tracer has decided meanwhile. */
INLINE struct known *decided(struct known *known, struct connection *connection)
{
	u32 is_open = known->verdict == UNDECIDED || known->verdict == WHOLE;
	struct known *verdict = is_open ? map_lookup(&verdicts, connection) : 0;
	if (verdict && verdict->file == known->file)
		known->verdict = verdict->verdict;
	return known;
}

/* What is known of the connection, which is made known when it is a socket; 0 where a descriptor may be anything. */
INLINE struct known *known_connection(struct call *call, u64 time_ns)
{
	u32 zero = 0;
	struct settings *settings_at = map_lookup(&settings, &zero);
	struct connection connection = { call->process, call->descriptor };
	struct known *known = map_lookup(&connections, &connection);
	if (!settings_at || !settings_at->offsets.known)
		return known;
	u64 file = file_of(&settings_at->offsets, call->descriptor);
	if (known && known->file == file)
		return decided(known, &connection);
	struct socket_ends socket = {};
	u64 sock = read_socket(&settings_at->offsets, file, &socket);
	struct known made = { file, socket.protocol == TCP ? sock : 0, sock ? UNDECIDED : IGNORED, 0, 0, {} };
	map_update(&connections, &connection, &made, 0);
	if (sock) {
		if (call->to && socket.remote_port == 0)
			read_address(call->to, &socket);
		send_open(call, &socket, time_ns);
	}
	return map_lookup(&connections, &connection);
}

/* Once bytes were moved: when those that were waited for came, and when what went out left. Returns 1 when they were waited for. */
INLINE u32 note_end(struct call *call, struct known *known)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	if (!at || !at->offsets.tcp_stamp || !known->sock)
		return 0;
	if (call->direction == CHUNK_OUT) {
		u64 left_ns = departure_ns(&at->offsets, known->sock);
		if (left_ns > call->time_ns && left_ns < call->ended_ns)
			call->ended_ns = left_ns;
		note_unsent(&at->offsets, call, known);
		return 0;
	}
	struct awaited *awaited = map_lookup(&arrivals, &known->sock);
	if (!awaited)
		return 0;
	u32 waited = !call->began_ns && awaited->came_ns > call->time_ns && awaited->came_ns < call->ended_ns;
	if (waited)
		call->began_ns = awaited->came_ns;
	/* What was not read may have come later. */
	if (is_ready(&at->offsets, known->sock))
		awaited->came_ns = 0;
	return waited;
}

/* For what the call of OpenSSL around this one moves: it may read the rest of a record that it has waited for. */
INLINE void note_within(struct call *call, u32 waited)
{
	u64 thread = current_pid_tgid();
	struct tls_call *tls = call->in_tls ? map_lookup(&tls_calls, &thread) : 0;
	if (!tls || tls->direction != call->direction)
		return;
	if (waited || !tls->began_ns)
		tls->began_ns = call->began_ns;
	tls->ended_ns = call->ended_ns;
	tls->unsent = call->unsent;
}

/* Sees the first bytes of HTTP/2 in what comes over an undecided connection. Returns 1 when the call's bytes are of a half that is followed. */
INLINE u32 begin_halves(struct call *call, struct known *known, u32 begins, struct vector *first)
{
	if (begins == BEGINS_HTTP2) {
		if (call->direction == CHUNK_IN)
			note_unclear_process(call->process);
		u32 other = CHUNK_IN + CHUNK_OUT - call->direction;
		known->verdict = WHOLE;
		follow_half(call, call->direction, PREFACE);
		if (known->before == NOTHING_BEFORE)
			follow_half(call, other, 0);
		if (known->before == BYTES_BEFORE)
			leave_half(call, other);
		return 1;
	}
	if (known->before == NOTHING_BEFORE && !call->unseen && begins_settings(first)) {
		known->before = SETTINGS_BEFORE;
		follow_half(call, call->direction, 0);
		return 1;
	}
	if (known->before == SETTINGS_BEFORE && is_followed(call))
		return 1;
	known->before = BYTES_BEFORE;
	return 0;
}

/* Sends a chunk of a connection as far as it is wanted. Returns 1 when send_pieces has to be called for it. */
INLINE u32 pass_on(struct call *call, struct known *known, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	if (known && known->verdict == IGNORED)
		return 0;
	u32 begins = call->unseen || first->length < 4 ? BEGINS_NOTHING : begins_message(first->address);
	u32 wanted = begins == BEGINS_HTTP1, whole = 0;
	if (known) {
		whole = known->verdict == WHOLE || (known->verdict == UNDECIDED && begin_halves(call, known, begins, first));
		if (known->verdict == FOLLOWED || known->verdict == WHOLE)
			wanted = 1;
		if (known->verdict == UNDECIDED && known->sent < UNDECIDED_CHUNKS) {
			known->sent++;
			wanted = 1;
		}
		call->gap = *gap_of(known, call->direction);
		if (call->sock != known->sock)
			call->began_ns = 0;
		note_within(call, note_end(call, known));
	} else if (wanted) {
		struct connection connection = { call->process, call->descriptor };
		struct known by_message = { 0, 0, BY_MESSAGE, 0, 0, {} };
		map_update(&connections, &connection, &by_message, 0);
	}
	u32 sent = 1;
	if (whole && call->unseen)
		pass_unseen(call, size);
	if (whole && !call->unseen) {
		*gap_of(known, call->direction) = 1;
		begin_walk(call, size, time_ns, first);
		return 1;
	}
	if (wanted && !call->unseen) {
		sent = send_with_data(call, size, time_ns, first, last);
	} else if (known) {
		sent = send_without_data(call, size, time_ns, last);
	}
	if (known)
		*gap_of(known, call->direction) = !sent;
	return 0;
}

INLINE u32 pass_on_result(struct call *call, s64 result)
{
	if (result <= 0)
		return 0;
	call->ended_ns = monotonic_ns();
	u64 size = result, time_ns = call->direction == CHUNK_IN ? call->ended_ns : call->time_ns;
	struct vector first = { call->address, size };
	if (call->vectors && read_user(&first, sizeof(first), (void *)call->address))
		return 0;
	if (first.length > size)
		first.length = size;
	struct vector last = first;
	if (call->vectors > 1) {
		/* How far the last ones were filled is not known of what came in. */
		last.length = 0;
		if (call->direction == CHUNK_OUT)
			read_user(&last, sizeof(last), (void *)(call->address + (call->vectors - 1) * sizeof(last)));
	}
	if (call->unseen)
		last.length = 0;
	return pass_on(call, known_connection(call, time_ns), size, time_ns, &first, &last);
}

/* Of each message its first vector. */
INLINE void pass_on_messages(struct call *call, s64 count)
{
	if (count <= 0)
		return;
	call->ended_ns = monotonic_ns();
	u64 time_ns = call->direction == CHUNK_IN ? call->ended_ns : call->time_ns;
	struct known *known = known_connection(call, time_ns);
	if (!known || (known->verdict != UNDECIDED && known->verdict != FOLLOWED))
		return;
	known->before = BYTES_BEFORE;
	if (known->verdict == UNDECIDED && known->sent++ >= UNDECIDED_CHUNKS)
		return;
	for (u32 index = 0; index < MESSAGES && index < count; index++) {
		u64 at = call->messages + index * MESSAGE_STRIDE;
		struct message message = {};
		struct vector first = {}, nothing = {};
		u32 size = 0;
		if (read_user(&message, sizeof(message), (void *)at) ||
		    read_user(&first, sizeof(first), (void *)message.vectors) ||
		    read_user(&size, sizeof(size), (void *)(at + MESSAGE_MOVED)))
			return;
		if (first.length > size)
			first.length = size;
		*gap_of(known, call->direction) = !send_from(call, CAPTURED, size, time_ns, &first, &nothing);
	}
}

/* sys_exit(struct pt_regs *, long result) */
TRACEPOINT("sys_exit")
int call_end(u64 *arguments)
{
	u64 thread = current_pid_tgid();
	struct call *call = map_lookup(&calls, &thread);
	if (!call)
		return 0;
	u32 in_pieces = 0;
	if (call->messages)
		pass_on_messages(call, arguments[1]);
	else
		in_pieces = pass_on_result(call, arguments[1]);
	if (call->propagates && !in_pieces && !call->messages && (s64)arguments[1] > 0)
		tail_call(arguments, &pieces, AT_SERVING);
	map_delete(&calls, &thread);
	if (in_pieces)
		tail_call(arguments, &pieces, AT_PIECES);
	return 0;
}

TRACEPOINT("pieces")
int send_call(u64 *arguments)
{
	send_pieces(arguments, &pieces);
	return 0;
}
