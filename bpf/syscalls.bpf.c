/*
 * What observed processes of any language read and write on connections, taken at the entry and the return of system calls: the first chunks
 * of each, until the tracer says whether it is followed; of all others what begins an HTTP/1 message. The raw tracepoints are opened by name: neither tracefs nor kprobes are needed.
 *
 * The kernel only finds where messages begin and keeps the others quiet; messages are understood in src/instrument/ebpf/syscalls.
 */
#include "context.h"
#include "http-head.h"
#include "namespace.h"
#include "socket.h"
#include "syscall-registers.h"

enum shape { SHAPE_BYTES, SHAPE_VECTOR, SHAPE_MESSAGE, SHAPE_MESSAGES, SHAPE_NOTHING };

struct settings {
	struct namespace namespace;
	struct offsets offsets;
};

/* A call of OpenSSL under way. */
struct tls_call {
	u64 time_ns;
	u64 connection; /* SSL * */
	u64 address;    /* of the bytes */
	u64 count;      /* where the number of bytes is put; 0: it is returned */
	u32 process;
	u32 direction;
	u32 descriptor; /* over which it reads or writes; NO_DESCRIPTOR when that is done elsewhere */
	u32 unsent;   /* as of a call, of those within, as the next two; 0 where there is none */
	u64 began_ns;
	u64 ended_ns;
};

INLINE u32 tls_descriptor(u64 connection)
{
	return 0x80000000 | (u32)(connection >> 4);
}

/* A request that is written so soon after the last packet of a handshake is what the connection was opened for. */
#define OPENED_FOR_NS 5000000

/* How a connection goes on. All but WHOLE is what the tracer says; WHOLE is seen here, by the first bytes: not one may be missed. */
enum verdict { UNDECIDED, BY_MESSAGE, FOLLOWED, IGNORED, WHOLE };

/* Chunks of a connection that are sent with their bytes while the tracer has not decided: it needs fewer, but looks only now and then. */
#define UNDECIDED_CHUNKS 512

#define TCP 6
/* Asks how many bytes are ready to be read. */
#define FIONREAD 0x541b

/* What came over a connection before it was taken whole. */
enum before { NOTHING_BEFORE, SETTINGS_BEFORE, BYTES_BEFORE };

struct known {
	u64 file;
	u64 sock; /* of TCP; 0: not known */
	u16 verdict;
	u16 before;
	u16 sent;
	u8 gap[2]; /* by direction; 1: a chunk of it was lost since the last that was sent */
};

struct vector {
	u64 address;
	u64 length;
};

/* The begin of struct msghdr. */
struct message {
	u64 name;
	u64 name_length;
	u64 vectors;
	u64 vector_count;
};

/* struct mmsghdr, of which the kernel fills in how many bytes were moved. */
#define MESSAGE_STRIDE 64
#define MESSAGE_MOVED 56
/* Messages of one call that are sent on: a resolver asks for two kinds of addresses at a time. */
#define MESSAGES 4

MAP struct map settings = { MAP_ARRAY, 4, sizeof(struct settings), 1, 0 };
MAP struct map events = { MAP_RING_BUFFER, 0, 0, 16 << 20, 0 };
/* Chunks that did not fit: the ring buffer was full. */
MAP struct map lost = { MAP_ARRAY, 4, 8, 1, 0 };
MAP struct map tls_calls = { MAP_LRU_HASH, 8, sizeof(struct tls_call), 16384, 0 };
/* When the last call began that connects a descriptor. */
MAP struct map connects = { MAP_LRU_HASH, sizeof(struct connection), 8, 16384, 0 };

/* Of descriptors that are no socket too: IGNORED. */
MAP struct map connections = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* What the tracer decided, perhaps of a connection that is gone: only the kernel writes into `connections`. */
MAP struct map verdicts = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* The process id as the tracer's namespace sees it when the process is observed; 0 otherwise. */
INLINE u32 observed_process(void)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	u32 process = at ? process_in(&at->namespace) : 0;
	return process && map_lookup(&processes, &process) ? process : 0;
}

/* Flags of an observed process. */
INLINE u32 flags_of(u32 process)
{
	u32 *flags = map_lookup(&processes, &process);
	return flags ? *flags : 0;
}

INLINE void count_lost(void)
{
	u32 zero = 0;
	u64 *count = map_lookup(&lost, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
}

INLINE u8 *gap_of(struct known *known, u32 direction)
{
	return &known->gap[direction == CHUNK_OUT];
}

/* Programs that are called for a call's bytes, by their places. */
enum { AT_PIECES, AT_SERVING, AT_SERVING_HEAD, AT_SERVING_END };

#include "send.h"
#include "awaited.h"
#include "frames.h"

#include "served.h"
#include "asked.h"

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

INLINE u32 direction_of(u64 number)
{
	switch (number) {
	case CALL_READ:
	case CALL_READV:
	case CALL_RECVFROM:
	case CALL_RECVMSG:
	case CALL_RECVMMSG:
		return CHUNK_IN;
	case CALL_WRITE:
	case CALL_WRITEV:
	case CALL_SENDTO:
	case CALL_SENDMSG:
	case CALL_SENDMMSG:
	case CALL_SENDFILE:
		return CHUNK_OUT;
	case CALL_CLOSE:
		return CHUNK_CLOSE;
	}
	return 0;
}

INLINE u32 shape_of(u64 number)
{
	switch (number) {
	case CALL_READV:
	case CALL_WRITEV:
		return SHAPE_VECTOR;
	case CALL_SENDMSG:
	case CALL_RECVMSG:
		return SHAPE_MESSAGE;
	case CALL_SENDMMSG:
	case CALL_RECVMMSG:
		return SHAPE_MESSAGES;
	case CALL_SENDFILE:
		return SHAPE_NOTHING;
	}
	return SHAPE_BYTES;
}

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

#include "serving.h"
#include "tls.h"
