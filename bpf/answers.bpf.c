/*
 * Sees traced Go programs read requests from connections and write answers to them (go-answer.h): at tracepoints of the kernel, where nothing stops.
 * Has the maps of go.bpf.c (src/instrument/ebpf/answers.ts).
 */
#include "go-answer.h"
#include "kernel-memory.h"

/* Of a write that waits until there is room (EAGAIN). */
#define WAITS -11
#define TCP 6

/* Where the kernel has what is read of a socket; zero for all where it does not say. */
struct socket_members {
	u32 protocol;
	u32 stamp;
	u32 left;
};

MAP struct map socket_members = { MAP_ARRAY, 4, sizeof(struct socket_members), 1, 0 };

/* What TCP notes of a socket, where that is known; 0 elsewhere. */
INLINE struct socket_members *members_of(u64 sock)
{
	u32 zero = 0;
	u16 protocol = 0;
	struct socket_members *at = map_lookup(&socket_members, &zero);
	if (!at || !at->protocol || read_kernel(&protocol, sizeof(protocol), (void *)(sock + at->protocol)))
		return 0;
	return protocol == TCP ? at : 0;
}

/* The request that the current goroutine answers as the goroutine of a connection; 0 when it is none. */
INLINE struct http_call *call_of(struct goroutine *key, struct offsets **offsets)
{
	key->process = traced_process(offsets);
	if (!key->process)
		return 0;
	key->address = current_goroutine_register();
	struct http_call *call = served_by(key);
	return call && call->connection ? call : 0;
}

/* sock_send_length(struct sock *, int bytes or error, int flags) */
TRACEPOINT("sock_send_length")
int sent(u64 *arguments)
{
	s64 count = (int)arguments[1];
	if (count == 0 || count == WAITS)
		return 0;
	struct offsets *offsets = 0;
	struct goroutine key = {};
	struct http_call *call = call_of(&key, &offsets);
	if (!call)
		return 0;
	u32 unseen = is_unseen(call, offsets);
	/* Also of one that was told at a stop. */
	if (call->methods && (unseen || call->span.head.kind || (call->told && answer_under_way(call, offsets) == call->told)))
		prove_kind(call, &key);
	u64 now = monotonic_ns();
	if (unseen)
		see(call, now, offsets, &key);
	else if (!call->span.head.kind)
		return 0;
	/* More of an answer of which all that is asked is known: whether it was the last is seen as the next request is waited for. */
	else if (call->left_early && has_begun(call, offsets)) {
		call->left_ns = now;
		return 0;
	} else
		read_answer(call, call->response);
	struct socket_members *at = members_of(arguments[0]);
	/* The kernel hands the last packet on, and with it much of its way, before it comes back. */
	u64 left_ns = at ? kernel_long(arguments[0] + at->left) : 0;
	call->left_ns = left_ns > call->span.head.start_ns && left_ns < now ? left_ns : now;
	if (is_done(call, offsets)) {
		tell(call, offsets, unseen ? REQUEST_READ : REQUEST_HELD, call->left_ns);
		return 0;
	}
	/* The route that it had as its answer began. */
	if (unseen && has_begun(call, offsets))
		read_route(call, offsets, REQUEST_READ);
	leave_early(call);
	return 0;
}

/* sock_recv_length(struct sock *, int bytes or error, int flags) */
TRACEPOINT("sock_recv_length")
int received(u64 *arguments)
{
	s64 count = (int)arguments[1];
	u32 zero = 0;
	u64 *early = map_lookup(&early_answers, &zero);
	/* Each request is waited for so, before it comes. */
	if (count <= 0 && early && *early == 0)
		return 0;
	struct offsets *offsets = 0;
	struct goroutine key = {};
	struct http_call *call = call_of(&key, &offsets);
	if (!call)
		return 0;
	/* The handler may have returned after all had left: then another request is waited for at once. */
	if (call->left_early && call->span.head.kind && answer_under_way(call, offsets) != call->response) {
		if (!has_begun(call, offsets))
			read_answer(call, call->response);
		tell(call, offsets, REQUEST_LEFT, monotonic_ns());
	}
	if (count <= 0)
		return 0;
	if (call->told) {
		/* What the handler left of a request's body. */
		if (call->has_body && answer_under_way(call, offsets) == call->told)
			return 0;
		call->told = 0;
	}
	/* Of the first request what came last is taken: TLS reads before for itself. */
	if (call->came_ns && (call->response || call->span.head.kind || answer_under_way(call, offsets)))
		return 0;
	struct socket_members *at = members_of(arguments[0]);
	u64 came_ns = at ? kernel_long(arguments[0] + at->stamp) * 1000 : 0;
	call->came_ns = came_ns > call->left_ns ? came_ns : monotonic_ns();
	return 0;
}
