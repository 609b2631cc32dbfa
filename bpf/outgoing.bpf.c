/*
 * Puts a traceparent header into plain HTTP/1 requests of traced programs, between the program and its socket: connections that such a program opens are
 * noted when it connects, and what it writes to them passes a program that may push bytes in. No memory of the program is written, so that it is
 * allowed under kernel lockdown too.
 */
#include "outgoing.h"
#include "traced-process.h"

enum { OP_CONNECT = 3, OP_ESTABLISHED_BY_US = 4 };
#define PASS 1
#define MAP_SOCKET_HASH 18
/* A request line that ends farther on gets no header. */
#define LONGEST_LINE 1024

/* struct bpf_sock_ops, struct sk_msg_md (include/uapi/linux/bpf.h), as far as they are read. */
struct socket_event {
	u32 operation;
};

struct message {
	u64 bytes;
	u64 end;
	u32 addresses[13];
	u32 size;
};

static u64 (*const socket_cookie)(void *event) = (void *)46;
static long (*const message_pull)(struct message *message, u32 start, u32 end, u64 flags) = (void *)63;
static long (*const socket_hash_update)(void *event, void *map, void *key, u64 flags) = (void *)70;
static long (*const message_push)(struct message *message, u32 start, u32 length, u64 flags) = (void *)90;
static long (*const message_pop)(struct message *message, u32 start, u32 length, u64 flags) = (void *)91;

/* Connections of traced processes by their cookies; they leave by themselves when they close. */
MAP struct map sockets = { MAP_SOCKET_HASH, 8, 4, 65536, 0 };
/* Those that are being made. */
MAP struct map connecting = { MAP_LRU_HASH, 8, 4, 8192, 0 };

SOCKET_OPERATIONS("connections")
int connections(struct socket_event *event)
{
	u64 cookie = socket_cookie(event);
	if (event->operation == OP_CONNECT) {
		struct offsets *offsets = 0;
		u32 process = traced_process(&offsets);
		if (process && offsets->propagates)
			map_update(&connecting, &cookie, &process, 0);
	} else if (event->operation == OP_ESTABLISHED_BY_US && map_lookup(&connecting, &cookie)) {
		map_delete(&connecting, &cookie);
		socket_hash_update(event, &sockets, &cookie, 0);
	}
	return PASS;
}

SOCKET_MESSAGE("request")
int request(struct message *message)
{
	u64 thread = current_pid_tgid();
	struct outgoing *outgoing = map_lookup(&outgoing_requests, &thread);
	u32 size = message->size;
	if (!outgoing || size < HEAD_BYTES || message_pull(message, 0, size > LONGEST_LINE ? LONGEST_LINE : size, 0))
		return PASS;
	char *bytes = (char *)message->bytes, *end = (char *)message->end;
	if (bytes + HEAD_BYTES > end)
		return PASS;
	for (u32 i = 0; i < HEAD_BYTES; i++)
		if (bytes[i] != outgoing->head[i])
			return PASS;
	u32 line = 0;
	for (u32 i = 0; i < LONGEST_LINE && bytes + i + 1 <= end; i++) {
		if (bytes[i] == '\n') {
			line = i + 1;
			break;
		}
	}
	if (!line || message_push(message, line, HEADER_BYTES, 0))
		return PASS;
	bytes = message_pull(message, line, line + HEADER_BYTES, 0) ? 0 : (char *)message->bytes;
	end = (char *)message->end;
	if (!bytes || bytes + HEADER_BYTES > end) {
		message_pop(message, line, HEADER_BYTES, 0);
		return PASS;
	}
	__builtin_memcpy(bytes, outgoing->header, HEADER_BYTES);
	map_delete(&outgoing_requests, &thread);
	return PASS;
}
