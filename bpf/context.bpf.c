/*
 * Puts a traceparent header into plain HTTP/1 requests that observed processes of any language send, between the process and its socket (as outgoing.bpf.c
 * does for Go programs, whose goroutines are known by probes). Connections that such a process opens are noted when they are made. From its first byte on
 * each is followed by TCP's own count of what was written: a header is put in only where a request's head begins there, lies in one write as a whole and leaves no doubt.
 * Whatever else comes ends that for the connection, so that bodies and other protocols are never touched.
 */
#include "context.h"
#include "http-head.h"
#include "sockets.h"

#define OP_SENDS 14 /* BPF_SOCK_OPS_HDR_OPT_LEN_CB */
/* BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG: sockets that have it are told of with each packet that leaves. */
#define TELLS_OF_SENDS 64
/* Longer heads get no header. */
#define MOST_HEAD 2048
/* Behind longer bodies no request is looked for: the count is one of 32 bits. */
#define MOST_BODY 0x40000000
/* From the begin of the call that connects: what it is of is the task that runs then. */
#define OPENS_WITHIN_NS 1000000000

static long (*const set_flags)(void *event, u32 flags) = (void *)59;

/* Where the kernel counts the bytes that were written to a socket (tcp_sock.write_seq); 0 once nothing shall be put in any more. */
MAP struct map written_offset = { MAP_ARRAY, 4, 4, 1, 0 };
MAP struct map sockets = { MAP_SOCKET_HASH, 8, 4, 65536, 0 };
/* Those of them that have not been let go. */
MAP struct map kept = { MAP_LRU_HASH, 8, 4, 65536, 0 };
/* Those that are being made. */
MAP struct map connecting = { MAP_LRU_HASH, 8, 4, 8192, 0 };
/* What is known of a connection. Not there once it is not known where its next message begins. */
struct sending {
	u32 boundary; /* that count where it does */
	u32 process;
	u32 begun; /* 1: its first message has been seen */
	u32 unused;
};

/* By the kernel's sock. */
MAP struct map boundaries = { MAP_LRU_HASH, 8, sizeof(struct sending), 65536, 0 };
/* Of threads that send, while it is read: in memory of a map the verifier need not follow each value. */
MAP struct map sent_heads = { MAP_LRU_HASH, 8, sizeof(struct head), 16384, 0 };

/* Returns 0 when that is not to be known. */
INLINE u32 read_written(u64 sock, u32 *count)
{
	u32 zero = 0, *offset = map_lookup(&written_offset, &zero);
	return sock && offset && *offset && !read_kernel(count, sizeof(*count), (void *)(sock + *offset));
}

/* The observed process that connects; 0 when it is none. */
INLINE u32 opener(void)
{
	u64 task = current_task();
	struct opener *found = map_lookup(&openers, &task);
	if (!found)
		return 0;
	u32 process = monotonic_ns() - found->since_ns < OPENS_WITHIN_NS ? found->process : 0;
	map_delete(&openers, &task);
	return process;
}

/*
 * Once a message of it has been seen, a connection is let go before its answer comes: while it is in a map of sockets, the kernel may say that nothing is ready to be
 * read (FIONREAD). Of programs that do not ask that the connections stay, for what they send later.
 */
INLINE u32 may_stay(u64 sock)
{
	struct sending *sending = map_lookup(&boundaries, &sock);
	u32 *flags = sending ? map_lookup(&processes, &sending->process) : 0;
	return sending && (!sending->begun || (flags && *flags & KEEPS));
}

SOCKET_OPERATIONS("connections")
int connections(struct socket_event *event)
{
	u64 cookie = socket_cookie(event);
	u64 sock = number_of(event->sock);
	if (event->operation == OP_CONNECT) {
		u32 process = opener();
		if (process)
			map_update(&connecting, &cookie, &process, 0);
		return PASS;
	}
	if (event->operation == OP_SENDS) {
		if (map_lookup(&kept, &cookie) && !may_stay(sock)) {
			map_delete(&kept, &cookie);
			map_delete(&sockets, &cookie);
			set_flags(event, event->flags & ~TELLS_OF_SENDS);
		}
		return PASS;
	}
	u32 *process = event->operation == OP_ESTABLISHED_BY_US ? map_lookup(&connecting, &cookie) : 0;
	struct sending sending = {};
	if (!process || !read_written(sock, &sending.boundary))
		return PASS;
	sending.process = *process;
	map_delete(&connecting, &cookie);
	map_update(&boundaries, &sock, &sending, 0);
	/* Not without: it must be let go in time. */
	if (!set_flags(event, event->flags | TELLS_OF_SENDS) && !socket_hash_update(event, &sockets, &cookie, 0))
		map_update(&kept, &cookie, &sending.process, 0);
	return PASS;
}

/*
 * The span that the current thread's request is to have: below the only request that it answers; a root when it answers none or several. Returns 0 when that is
 * the tracer's to find out: then nothing is put in.
 */
INLINE u32 decide(struct call *call, u64 thread, struct context *context)
{
	u32 *flags = map_lookup(&processes, &call->process);
	if (!flags || *flags & UNCLEAR)
		return 0;
	struct server_thread *at = map_lookup(&server_threads, &thread);
	random_bytes(context->span_id, 2);
	context->sampled = 1;
	if (at && (at->others || at->unclear))
		return 0;
	u32 is_abandoned = at && at->abandoned_ns && monotonic_ns() - at->abandoned_ns < ABANDONED_NS;
	if (!at || at->open != 1 || is_abandoned) {
		random_bytes(context->trace_id, 4);
		return 1;
	}
	struct connection connection = { call->process, at->descriptors };
	struct served *of = map_lookup(&served, &connection);
	if (!of || of->thread != thread || of->state != SERVED_OPEN)
		return 0;
	__builtin_memcpy(context->trace_id, of->context.trace_id, 16);
	__builtin_memcpy(context->parent_id, of->context.span_id, 8);
	context->sampled = of->context.sampled;
	return 1;
}

/* Puts the header behind the first line. */
INLINE u32 put_in(struct message *message, u32 line, struct context *context)
{
	char *to = line > MOST_HEAD ? 0 : push_header(message, line);
	if (!to)
		return 0;
	char header[HEADER_BYTES + 2] = {};
	write_header(header, SMALL_NAME, context->trace_id, context->span_id, context->sampled);
	__builtin_memcpy(to, header, HEADER_BYTES);
	return 1;
}

/* What is written where a message may begin. Returns where the next one does, behind its first byte; 0 when that is not known. */
INLINE u32 message_begins(struct message *message, u32 *length)
{
	u32 size = message->size;
	u64 thread = current_pid_tgid();
	struct call *call = map_lookup(&calls, &thread);
	struct head blank = {};
	if (!call || !call->propagates || call->in_tls || call->direction != CHUNK_OUT || call->unseen || size < 16 ||
	    message_pull(message, 0, size > MOST_HEAD ? MOST_HEAD : size, 0))
		return 0;
	char *bytes = (char *)message->bytes, *end = (char *)message->end;
	if (bytes + 16 > end)
		return 0;
	u32 word = (u8)bytes[0] | (u8)bytes[1] << 8 | (u8)bytes[2] << 16 | (u32)(u8)bytes[3] << 24;
	if (!is_method(word))
		return 0;
	map_update(&sent_heads, &thread, &blank, 0);
	struct head *head = map_lookup(&sent_heads, &thread);
	if (!head)
		return 0;
#define IS_SENT(at) (bytes + (at) + 1 <= end)
	READ_HEAD(head, bytes, MOST_HEAD, IS_SENT)
	u32 flags = head->flags, place = head->length;
	if (is_bad(head) || !(flags & HEAD_VERSION))
		return 0;
	u64 body = 0;
	asm volatile("" : "+r"(place));
	if (place) {
		/* As numbers: the head is whole, so that its line ends among what is read, and what lies behind it does no harm. */
		u8 digits[LENGTH_DIGITS + 4] = {};
		if (read_kernel(digits, sizeof(digits), (void *)(number_of(bytes) + place)))
			return 0;
		body = read_number(digits, digits + sizeof(digits));
	}
	*length = head->end + body;
	struct context context = {};
	if (!(flags & HEAD_TRACE) && decide(call, thread, &context) && put_in(message, head->line, &context)) {
		*length += HEADER_BYTES;
		map_update(&sent_contexts, &thread, &context, 0);
	}
	return !(flags & (HEAD_CODED | HEAD_UPGRADES)) && body < MOST_BODY;
}

SOCKET_MESSAGE("request")
int request(struct message *message)
{
	u64 sock = number_of(message->sock);
	struct sending *sending = map_lookup(&boundaries, &sock);
	u32 length = 0, at = 0;
	if (!sending || !read_written(sock, &at) || at != sending->boundary)
		return PASS;
	sending->begun = 1;
	if (message_begins(message, &length))
		sending->boundary = at + length;
	else
		map_delete(&boundaries, &sock);
	return PASS;
}
