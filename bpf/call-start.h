/* Entries of system calls. Part of syscalls.bpf.c. */
/* A request that is written so soon after the last packet of a handshake is what the connection was opened for. */
#define OPENED_FOR_NS 5000000
/* Asks how many bytes are ready to be read. */
#define FIONREAD 0x541b

/* When the last call began that connects a descriptor. */
MAP struct map connects = { MAP_LRU_HASH, sizeof(struct connection), 8, 16384, 0 };

/* Before anything is moved: when what lies ready in the socket came, or whether the connection was opened for what is to be written. */
INLINE void note_begin(struct call *call)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	if (!at || !at->offsets.tcp_stamp)
		return;
	struct connection connection = { call->process, call->descriptor };
	struct known *known = map_lookup(&connections, &connection);
	if (known) {
		call->sock = call->direction == CHUNK_IN ? known->sock : 0;
	} else {
		struct socket_ends socket = {};
		u64 sock = read_socket(&at->offsets, file_of(&at->offsets, call->descriptor), &socket);
		call->sock = socket.protocol == TCP ? sock : 0;
	}
	if (!call->sock)
		return;
	if (call->direction == CHUNK_IN) {
		struct awaited *awaited = map_lookup(&arrivals, &call->sock), nothing = {};
		/* Of a connection that is not known yet, what is noted may be of one before it. */
		u64 came_ns = known && awaited ? awaited->came_ns : 0;
		if (!known || !awaited)
			map_update(&arrivals, &call->sock, &nothing, 0);
		if (is_ready(&at->offsets, call->sock))
			call->began_ns = came_ns ? came_ns : last_packet_ns(&at->offsets, call->sock);
		return;
	}
	u64 *connected = map_lookup(&connects, &connection);
	if (connected && call->time_ns - last_packet_ns(&at->offsets, call->sock) < OPENED_FOR_NS)
		call->began_ns = *connected;
	map_delete(&connects, &connection);
}

/* Of TCP itself: what MPTCP opens for a connection of its own is none of the process's. */
INLINE void note_opener(struct call *call)
{
	u32 zero = 0;
	u64 task = current_task();
	struct socket_ends socket = {};
	struct opener opener = { call->time_ns, call->process };
	struct settings *at = map_lookup(&settings, &zero);
	if (at && at->offsets.known && read_socket(&at->offsets, file_of(&at->offsets, call->descriptor), &socket) &&
	    socket.protocol == TCP && socket.family != 1)
		map_update(&openers, &task, &opener, 0);
}

/* sys_enter(struct pt_regs *, long number) */
TRACEPOINT("sys_enter")
int call_start(u64 *arguments)
{
	u64 number = arguments[1];
	u32 direction = direction_of(number);
	if (!direction && number != CALL_CONNECT && number != CALL_IOCTL)
		return 0;
	u32 process = observed_process();
	if (!process)
		return 0;
	struct registers at = {};
	if (read_kernel(&at, sizeof(at), (void *)arguments[0]))
		return 0;
	if (number == CALL_IOCTL) {
		u32 *flags = (u32)ARGUMENT_1(&at) == FIONREAD ? map_lookup(&processes, &process) : 0;
		if (flags)
			*flags &= ~KEEPS;
		return 0;
	}
	struct call made = { monotonic_ns(), ARGUMENT_1(&at), 0, process, ARGUMENT_0(&at), direction, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct call *call = &made;
	struct connection connection = { process, call->descriptor };
	call->propagates = (flags_of(process) & PROPAGATES) != 0;
	if (!direction) {
		map_update(&connects, &connection, &call->time_ns, 0);
		if (call->propagates)
			note_opener(call);
		return 0;
	}
	if (direction == CHUNK_CLOSE) {
		end_served(&connection);
		map_delete(&connects, &connection);
		struct vector nothing = {};
		struct known *known = map_lookup(&connections, &connection);
		if (known) {
			end_awaited(known->sock);
			u32 told = known->verdict != IGNORED;
			if (known->verdict == WHOLE || known->before == SETTINGS_BEFORE)
				leave_halves(call);
			map_delete(&connections, &connection);
			if (told)
				send_without_data(call, 0, call->time_ns, &nothing);
		}
		return 0;
	}
	u32 shape = shape_of(number);
	if (number == CALL_RECVFROM && (ARGUMENT_3(&at) & 2)) /* MSG_PEEK: the bytes will come again */
		return 0;
	if (shape == SHAPE_VECTOR)
		call->vectors = ARGUMENT_2(&at);
	if (number == CALL_SENDTO)
		call->to = ARGUMENT_4(&at);
	if (shape == SHAPE_MESSAGES)
		call->messages = call->address;
	if (shape == SHAPE_MESSAGE || shape == SHAPE_MESSAGES) {
		struct message message = {};
		if ((shape == SHAPE_MESSAGE && direction == CHUNK_IN && (ARGUMENT_2(&at) & 2)) ||
		    read_user(&message, sizeof(message), (void *)call->address))
			return 0;
		call->address = message.vectors;
		call->vectors = message.vector_count;
		if (direction == CHUNK_OUT)
			call->to = message.name;
	}
	call->unseen = shape == SHAPE_NOTHING;
	note_begin(call);
	if (direction == CHUNK_OUT)
		note_asked(call);
	u64 thread = current_pid_tgid();
	struct tls_call *tls = map_lookup(&tls_calls, &thread);
	if (tls) {
		tls->descriptor = call->descriptor;
		call->in_tls = 1;
	}
	map_update(&calls, &thread, &made, 0);
	return 0;
}
