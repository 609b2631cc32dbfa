/* What programs at sockets share: their events and messages, as far as they are read (include/uapi/linux/bpf.h), and the kernel's helpers for them. */
#pragma once
#include "traceparent.h"

enum { OP_CONNECT = 3, OP_ESTABLISHED_BY_US = 4 };
#define PASS 1
#define MAP_SOCKET_HASH 18

/* struct bpf_sock_ops */
struct socket_event {
	u32 operation;
	u32 unused[20];
	u32 flags; /* at 84 */
	u32 more_unused[24];
	void *sock; /* at 184 */
};

/* struct sk_msg_md */
struct message {
	u64 bytes;
	u64 end;
	u32 addresses[13];
	u32 size;
	void *sock; /* at 72 */
};

static u64 (*const socket_cookie)(void *event) = (void *)46;
static long (*const message_pull)(struct message *message, u32 start, u32 end, u64 flags) = (void *)63;
static long (*const socket_hash_update)(void *event, void *map, void *key, u64 flags) = (void *)70;
static long (*const message_push)(struct message *message, u32 start, u32 length, u64 flags) = (void *)90;
static long (*const message_pop)(struct message *message, u32 start, u32 length, u64 flags) = (void *)91;

/* Makes room for a header at `place`. Returns where it is to be written; 0 when nothing was changed. */
INLINE char *push_header(struct message *message, u32 place)
{
	if (message_push(message, place, HEADER_BYTES, 0))
		return 0;
	char *to = message_pull(message, place, place + HEADER_BYTES, 0) ? 0 : (char *)message->bytes;
	char *end = (char *)message->end;
	if (!to || to + HEADER_BYTES > end) {
		message_pop(message, place, HEADER_BYTES, 0);
		return 0;
	}
	return to;
}
