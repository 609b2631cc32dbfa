/*
 * What observed processes of any language read and write on connections, taken at the entry and the return of system calls: the first chunks
 * of each, until the tracer says whether it is followed; of all others what begins an HTTP/1 message. The raw tracepoints are opened by name: neither tracefs nor kprobes are needed.
 *
 * The kernel only finds where messages begin and keeps the others quiet; messages are understood in src/instrument/ebpf/syscalls.
 */
#include "socket.h"
#include "syscall-registers.h"

static void *(*const ring_buffer_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*const ring_buffer_submit)(void *data, u64 flags) = (void *)132;

enum shape { SHAPE_BYTES, SHAPE_VECTOR, SHAPE_MESSAGE, SHAPE_NOTHING };

struct settings {
	u64 namespace_dev;
	u64 namespace_ino;
	struct offsets offsets;
};

/* A call under way. */
struct call {
	u64 time_ns;
	u64 address; /* of the bytes, or of the first of `vectors` */
	u64 vectors; /* 0: `address` is of bytes */
	u32 process;
	u32 descriptor;
	u32 direction;
	u32 unseen; /* 1: the bytes never were in the process's memory */
};

struct connection {
	u32 process;
	u32 descriptor;
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
	u32 unused;
};

/* What the tracer says of a connection. */
enum verdict { UNDECIDED, BY_MESSAGE, FOLLOWED, IGNORED };

/* Chunks of a connection that are sent with their bytes while the tracer has not decided: it needs fewer, but looks only now and then. */
#define UNDECIDED_CHUNKS 64

struct known {
	u64 file;
	u32 verdict;
	u32 sent;
};

struct vector {
	u64 address;
	u64 length;
};

MAP struct map settings = { MAP_ARRAY, 4, sizeof(struct settings), 1, 0 };
MAP struct map processes = { MAP_HASH, 4, 4, 4096, 0 };
MAP struct map events = { MAP_RING_BUFFER, 0, 0, 16 << 20, 0 };
/* Chunks that did not fit: the ring buffer was full. */
MAP struct map lost = { MAP_ARRAY, 4, 8, 1, 0 };
MAP struct map tls_calls = { MAP_LRU_HASH, 8, sizeof(struct tls_call), 16384, 0 };
MAP struct map calls = { MAP_LRU_HASH, 8, sizeof(struct call), 16384, 0 };
/* Of descriptors that are no socket too: IGNORED. */
MAP struct map connections = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* What the tracer decided, perhaps of a connection that is gone: only the kernel writes into `connections`. */
MAP struct map verdicts = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* The process id as the tracer's namespace sees it when the process is observed; 0 otherwise. */
INLINE u32 observed_process(void)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	struct namespace_pid pid = {};
	if (!at || namespace_pid_tgid(at->namespace_dev, at->namespace_ino, &pid, sizeof(pid)))
		return 0;
	return map_lookup(&processes, &pid.process) ? pid.process : 0;
}

INLINE void count_lost(void)
{
	u32 zero = 0;
	u64 *count = map_lookup(&lost, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
}

INLINE void fill(struct chunk_head *head, struct call *call, u64 size, u64 time_ns)
{
	head->time_ns = time_ns;
	head->size = size;
	head->process = call->process;
	head->thread = (u32)current_pid_tgid();
	head->descriptor = call->descriptor;
	head->direction = call->direction;
	head->captured = 0;
	__builtin_memset(head->tail, 0, TAIL);
}

/* Of the last vector only: what lies before it in memory was not sent. */
INLINE void read_tail(u8 *tail, struct vector *last)
{
	u64 end = last->address + last->length;
	if (last->length >= TAIL)
		read_user(tail, TAIL, (void *)(end - TAIL));
	else if (last->length >= 5)
		read_user(tail + TAIL - 5, 5, (void *)(end - 5));
}

INLINE void send_without_data(struct call *call, u64 size, u64 time_ns, struct vector *last)
{
	struct chunk_head *head = ring_buffer_reserve(&events, sizeof(*head), 0);
	if (!head) {
		count_lost();
		return;
	}
	fill(head, call, size, time_ns);
	read_tail(head->tail, last);
	ring_buffer_submit(head, 0);
}

#define VECTORS 8

INLINE void send_small(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	struct chunk_small *chunk = ring_buffer_reserve(&events, sizeof(*chunk), 0);
	if (!chunk) {
		count_lost();
		return;
	}
	fill(&chunk->head, call, size, time_ns);
	u64 length = first->length;
	asm volatile("" : "+r"(length));
	if (length <= SMALL && !read_user(chunk->data, length, (void *)first->address))
		chunk->head.captured = length;
	read_tail(chunk->head.tail, last);
	ring_buffer_submit(chunk, 0);
}

INLINE void send_large(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	struct chunk *chunk = ring_buffer_reserve(&events, sizeof(*chunk), 0);
	if (!chunk) {
		count_lost();
		return;
	}
	fill(&chunk->head, call, size, time_ns);
	u64 length = first->length > CAPTURED ? CAPTURED : first->length;
	asm volatile("" : "+r"(length));
	if (length <= CAPTURED && !read_user(chunk->data, length, (void *)first->address))
		chunk->head.captured = length;
	read_tail(chunk->head.tail, last);
	ring_buffer_submit(chunk, 0);
}

INLINE void send_gathered(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	struct chunk_gathered *gathered = ring_buffer_reserve(&events, sizeof(*gathered), 0);
	if (!gathered) {
		count_lost();
		return;
	}
	struct chunk *chunk = &gathered->chunk;
	fill(&chunk->head, call, size, time_ns);
	u64 at = 0, left = size;
	struct vector part = *first;
	for (u32 index = 0; index < VECTORS; index++) {
		if (index > 0 &&
		    (index >= call->vectors || read_user(&part, sizeof(part), (void *)(call->address + index * sizeof(part)))))
			break;
		u64 length = part.length > left ? left : part.length;
		left -= length;
		u64 room = CAPTURED - at;
		if (length > room)
			length = room;
		asm volatile("" : "+r"(length), "+r"(at));
		if (length > CAPTURED || at >= CAPTURED)
			break;
		if (length > 0 && read_user(chunk->data + at, length, (void *)part.address))
			break;
		at += length;
		if (at >= CAPTURED || left == 0)
			break;
	}
	chunk->head.captured = at;
	read_tail(chunk->head.tail, last);
	ring_buffer_submit(gathered, 0);
}

INLINE void send_with_data(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	if (call->vectors > 1)
		send_gathered(call, size, time_ns, first, last);
	else if (first->length <= SMALL)
		send_small(call, size, time_ns, first, last);
	else
		send_large(call, size, time_ns, first, last);
}

INLINE void send_open(struct call *call, struct socket_ends *socket, u64 time_ns)
{
	struct chunk_open *open = ring_buffer_reserve(&events, sizeof(*open), 0);
	if (!open) {
		count_lost();
		return;
	}
	fill(&open->head, call, 0, time_ns);
	open->head.direction = CHUNK_OPEN;
	open->socket = *socket;
	ring_buffer_submit(open, 0);
}

/* The first four bytes of a request line of HTTP/1 or of a status line. */
INLINE u32 begins_message(u64 address)
{
	u32 word = 0;
	if (read_user(&word, 4, (void *)address))
		return 0;
	switch (word) {
	case 0x20544547: /* GET_ */
	case 0x54534f50: /* POST */
	case 0x20545550: /* PUT_ */
	case 0x44414548: /* HEAD */
	case 0x454c4544: /* DELE */
	case 0x4954504f: /* OPTI */
	case 0x43544150: /* PATC */
	case 0x50545448: /* HTTP */
		return 1;
	}
	return 0;
}

INLINE u32 direction_of(u64 number)
{
	switch (number) {
	case CALL_READ:
	case CALL_READV:
	case CALL_RECVFROM:
	case CALL_RECVMSG:
		return CHUNK_IN;
	case CALL_WRITE:
	case CALL_WRITEV:
	case CALL_SENDTO:
	case CALL_SENDMSG:
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
	case CALL_SENDFILE:
		return SHAPE_NOTHING;
	}
	return SHAPE_BYTES;
}

/* sys_enter(struct pt_regs *, long number) */
TRACEPOINT("sys_enter")
int call_start(u64 *arguments)
{
	u64 number = arguments[1];
	u32 direction = direction_of(number);
	if (!direction)
		return 0;
	u32 process = observed_process();
	if (!process)
		return 0;
	struct registers at = {};
	if (read_kernel(&at, sizeof(at), (void *)arguments[0]))
		return 0;
	struct call call = { monotonic_ns(), ARGUMENT_1(&at), 0, process, ARGUMENT_0(&at), direction, 0 };
	struct connection connection = { process, call.descriptor };
	if (direction == CHUNK_CLOSE) {
		struct vector nothing = {};
		struct known *known = map_lookup(&connections, &connection);
		if (known) {
			u32 told = known->verdict != IGNORED;
			map_delete(&connections, &connection);
			if (told)
				send_without_data(&call, 0, call.time_ns, &nothing);
		}
		return 0;
	}
	u32 shape = shape_of(number);
	if (number == CALL_RECVFROM && (ARGUMENT_3(&at) & 2)) /* MSG_PEEK: the bytes will come again */
		return 0;
	if (shape == SHAPE_VECTOR)
		call.vectors = ARGUMENT_2(&at);
	if (shape == SHAPE_MESSAGE) {
		u64 words[2] = {}; /* msg_iov and msg_iovlen of struct msghdr */
		if ((direction == CHUNK_IN && (ARGUMENT_2(&at) & 2)) || read_user(words, sizeof(words), (void *)(call.address + 16)))
			return 0;
		call.address = words[0];
		call.vectors = words[1];
	}
	call.unseen = shape == SHAPE_NOTHING;
	u64 thread = current_pid_tgid();
	struct tls_call *tls = map_lookup(&tls_calls, &thread);
	if (tls)
		tls->descriptor = call.descriptor;
	map_update(&calls, &thread, &call, 0);
	return 0;
}

/* Takes over what the tracer has decided meanwhile. */
INLINE struct known *decided(struct known *known, struct connection *connection)
{
	struct known *verdict = known->verdict == UNDECIDED ? map_lookup(&verdicts, connection) : 0;
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
	u32 is_socket = read_socket(&settings_at->offsets, file, &socket);
	struct known made = { file, is_socket ? UNDECIDED : IGNORED, 0 };
	map_update(&connections, &connection, &made, 0);
	if (is_socket)
		send_open(call, &socket, time_ns);
	return map_lookup(&connections, &connection);
}

/* Sends a chunk of a connection as far as it is wanted. */
INLINE void pass_on(struct call *call, struct known *known, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	if (known && known->verdict == IGNORED)
		return;
	u32 begins = !call->unseen && first->length >= 4 && begins_message(first->address);
	u32 wanted = begins;
	if (known && known->verdict == FOLLOWED)
		wanted = 1;
	if (known && known->verdict == UNDECIDED && known->sent < UNDECIDED_CHUNKS) {
		known->sent++;
		wanted = 1;
	}
	if (begins && !known) {
		struct connection connection = { call->process, call->descriptor };
		struct known by_message = { 0, BY_MESSAGE, 0 };
		map_update(&connections, &connection, &by_message, 0);
	}
	if (wanted && !call->unseen)
		send_with_data(call, size, time_ns, first, last);
	else if (known)
		send_without_data(call, size, time_ns, last);
}

/* sys_exit(struct pt_regs *, long result) */
TRACEPOINT("sys_exit")
int call_end(u64 *arguments)
{
	u64 thread = current_pid_tgid();
	struct call *found = map_lookup(&calls, &thread);
	if (!found)
		return 0;
	struct call call = *found;
	map_delete(&calls, &thread);
	s64 result = arguments[1];
	if (result <= 0)
		return 0;
	u64 size = result, time_ns = call.direction == CHUNK_IN ? monotonic_ns() : call.time_ns;
	struct vector first = { call.address, size };
	if (call.vectors && read_user(&first, sizeof(first), (void *)call.address))
		return 0;
	if (first.length > size)
		first.length = size;
	struct vector last = first;
	if (call.vectors > 1) {
		/* How far the last ones were filled is not known of what came in. */
		last.length = 0;
		if (call.direction == CHUNK_OUT)
			read_user(&last, sizeof(last), (void *)(call.address + (call.vectors - 1) * sizeof(last)));
	}
	if (call.unseen)
		last.length = 0;
	pass_on(&call, known_connection(&call, time_ns), size, time_ns, &first, &last);
	return 0;
}

#include "tls.h"
