/*
 * Puts a traceparent header into plain HTTP/1 requests and gRPC calls of traced programs, between the program and its socket: connections that such a program opens are
 * noted when it connects, and what it writes to them passes a program that may push bytes in. No memory of the program is written, so that it is
 * allowed under kernel lockdown too.
 */
#include "go-registers.h"
#include "outgoing.h"
#include "sockets.h"
#include "starting.h"

/* A request line that ends farther on gets no header. */
#define LONGEST_LINE 1024

/* Connections of traced processes, and of those that may become such, by their cookies; they leave by themselves when they close. */
MAP struct map sockets = { MAP_SOCKET_HASH, 8, 4, 65536, 0 };
/* Those that are being made. */
MAP struct map connecting = { MAP_LRU_HASH, 8, 4, 8192, 0 };

SOCKET_OPERATIONS("connections")
int connections(struct socket_event *event)
{
	u64 cookie = socket_cookie(event);
	u32 yes = 1;
	if (event->operation == OP_CONNECT) {
		if (is_sender())
			map_update(&connecting, &cookie, &yes, 0);
	} else if (event->operation == OP_ESTABLISHED_BY_US && map_lookup(&connecting, &cookie)) {
		map_delete(&connecting, &cookie);
		socket_hash_update(event, &sockets, &cookie, 0);
	}
	return PASS;
}

#define FRAME_HEAD 9
#define MOST_FRAMES 384
/* What every peer takes (RFC 9113, SETTINGS_MAX_FRAME_SIZE). */
#define LONGEST_FRAME 16384
/* Of what a client gathers for one write. */
#define LONGEST_WRITE 32768
enum { FRAME_HEADERS = 1, END_HEADERS = 4, PADDED = 8 };

/* Finds the frames of the calls, and says how many there are: none when what is written is not a whole number of frames. */
INLINE u32 find_calls(struct message *message, u64 size, struct outgoing_calls *calls)
{
	char *bytes = (char *)message->bytes, *end = (char *)message->end;
	/* In the map's memory: the verifier need not follow each of its values. */
	volatile u32 *found = &calls->found;
	u64 at = 0;
	*found = 0;
	for (u32 i = 0; i < MOST_FRAMES && at < size; i++) {
		/* The compiler knows that it is not; the verifier must see it. */
		asm volatile("" : "+r"(at));
		if (at > LONGEST_WRITE)
			return 0;
		u8 *head = (u8 *)bytes + at;
		if ((char *)head + FRAME_HEAD > end)
			return 0;
		u32 length = (u32)head[0] << 16 | (u32)head[1] << 8 | head[2];
		u32 stream = (u32)head[5] << 24 | (u32)head[6] << 16 | (u32)head[7] << 8 | head[8];
		struct outgoing_call *call = &calls->calls[PLACE_OF_CALL(stream)];
		if (head[3] == FRAME_HEADERS && (head[4] & (END_HEADERS | PADDED)) == END_HEADERS && stream && stream == call->stream) {
			call->start = at;
			call->length = length;
			calls->places[*found & (MOST_CALLS - 1)] = PLACE_OF_CALL(stream);
			if (++*found >= MOST_CALLS)
				break;
		}
		at += FRAME_HEAD + length;
	}
	return at == size || *found >= MOST_CALLS ? *found : 0;
}

/* Adds the field to the block of the call's frame. It is none of the table that both sides keep, so that their tables stay the same. */
INLINE void add_field(struct message *message, struct outgoing_call *call)
{
	u32 start = call->start, length = call->length, place = start + FRAME_HEAD + length;
	if (start > LONGEST_WRITE || length > LONGEST_FRAME - FIELD_BYTES || message_push(message, place, FIELD_BYTES, 0))
		return;
	char *bytes = message_pull(message, place, place + FIELD_BYTES, 0) ? 0 : (char *)message->bytes;
	char *end = (char *)message->end;
	if (!bytes || bytes + FIELD_BYTES > end)
		goto undo;
	__builtin_memcpy(bytes, call->field, FIELD_BYTES);
	bytes = message_pull(message, start, start + FRAME_HEAD, 0) ? 0 : (char *)message->bytes;
	end = (char *)message->end;
	if (!bytes || bytes + FRAME_HEAD > end)
		goto undo;
	length += FIELD_BYTES;
	bytes[0] = length >> 16;
	bytes[1] = length >> 8;
	bytes[2] = length;
	return;
undo:
	message_pop(message, place, FIELD_BYTES, 0);
}

INLINE void add_fields(struct message *message, struct outgoing_calls *calls)
{
	u32 size = message->size;
	if (size < FRAME_HEAD || size > LONGEST_WRITE || message_pull(message, 0, size, 0))
		return;
	u32 found = find_calls(message, size, calls);
	/* The last first: what stands before keeps its place. */
	for (u32 i = 0; i < MOST_CALLS && i < found; i++) {
		struct outgoing_call *call = &calls->calls[calls->places[(found - 1 - i) & (MOST_CALLS - 1)] & (MOST_CALLS - 1)];
		add_field(message, call);
		call->stream = 0;
		/* Each field makes pieces of the message, of which it may have 17. */
		if ((i & 3) == 3 && message_pull(message, 0, message->size, 0))
			return;
	}
}

/* Adds the header behind the first line of the request, if that is what is written. */
INLINE u32 add_header(struct message *message, struct outgoing *outgoing)
{
	u32 size = message->size;
	if (size < HEAD_BYTES || message_pull(message, 0, size > LONGEST_LINE ? LONGEST_LINE : size, 0))
		return 0;
	char *bytes = (char *)message->bytes, *end = (char *)message->end;
	if (bytes + HEAD_BYTES > end)
		return 0;
	for (u32 i = 0; i < HEAD_BYTES; i++)
		if (bytes[i] != outgoing->head[i])
			return 0;
	u32 line = 0;
	for (u32 i = 0; i < LONGEST_LINE && bytes + i + 1 <= end; i++) {
		if (bytes[i] == '\n') {
			line = i + 1;
			break;
		}
	}
	char *to = line ? push_header(message, line) : 0;
	if (!to)
		return 0;
	__builtin_memcpy(to, outgoing->header, HEADER_BYTES);
	return 1;
}

SOCKET_MESSAGE("request")
int request(struct message *message)
{
	struct goroutine writer = writer_of(current_goroutine_register());
	struct outgoing *outgoing = map_lookup(&outgoing_requests, &writer);
	if (outgoing && add_header(message, outgoing)) {
		map_delete(&outgoing_requests, &writer);
		return PASS;
	}
	struct outgoing_calls *calls = map_lookup(&outgoing_calls, &writer);
	if (calls)
		add_fields(message, calls);
	return PASS;
}
