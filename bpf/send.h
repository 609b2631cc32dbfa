/*
 * Puts chunks into the ring buffer, with as much room as their bytes need: it lasts longer. Part of syscalls.bpf.c. What is sent returns 1, and 0 when
 * the ring buffer was full.
 */

/* Vectors of a call of which the bytes are gathered. */
#define VECTORS 8

/* Most chunks: put together here, and sent as far as their bytes go. Twice the room, see send_gathered. */
struct small_chunk {
	struct chunk_head head;
	u8 data[2 * SMALL];
};

MAP struct map small_chunks = { MAP_PER_CPU_ARRAY, 4, sizeof(struct small_chunk), 1, 0 };

INLINE void begin_chunk(struct chunk_head *head, struct call *call, u64 moved, u64 time_ns)
{
	head->time_ns = time_ns;
	head->size = moved;
	head->process = call->process;
	head->thread = (u32)current_pid_tgid();
	head->descriptor = call->descriptor;
	head->direction = call->direction | (call->gap ? CHUNK_GAP : 0) | (call->unsent ? CHUNK_UNSENT : 0);
	head->captured = 0;
	head->began_ns = call->began_ns;
	head->ended_ns = call->ended_ns;
	__builtin_memset(head->tail, 0, TAIL);
}

/* `size` must be known when this is compiled. */
INLINE struct chunk_head *reserve(struct call *call, u64 size, u64 moved, u64 time_ns)
{
	struct chunk_head *head = ring_buffer_reserve(&events, size, 0);
	if (head)
		begin_chunk(head, call, moved, time_ns);
	else
		count_lost();
	return head;
}

INLINE struct small_chunk *small_chunk(struct call *call, u64 moved, u64 time_ns)
{
	u32 zero = 0;
	struct small_chunk *chunk = map_lookup(&small_chunks, &zero);
	if (chunk)
		begin_chunk(&chunk->head, call, moved, time_ns);
	return chunk;
}

INLINE u32 send_small(struct small_chunk *chunk, u64 captured)
{
	asm volatile("" : "+r"(captured));
	if (captured > SMALL)
		captured = SMALL;
	chunk->head.captured = captured;
	if (ring_buffer_output(&events, chunk, sizeof(chunk->head) + captured, 0)) {
		count_lost();
		return 0;
	}
	return 1;
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

INLINE u32 send_without_data(struct call *call, u64 size, u64 time_ns, struct vector *last)
{
	struct chunk_head *head = reserve(call, sizeof(*head), size, time_ns);
	if (!head)
		return 0;
	read_tail(head->tail, last);
	ring_buffer_submit(head, 0);
	return 1;
}

/* The first bytes of `first`, at most `room`, which must be known when this is compiled. */
INLINE u32 send_from(struct call *call, u64 room, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	struct chunk_head *head = reserve(call, sizeof(*head) + room, size, time_ns);
	if (!head)
		return 0;
	u64 length = first->length > room ? room : first->length;
	asm volatile("" : "+r"(length));
	if (length <= room && !read_user(head + 1, length, (void *)first->address))
		head->captured = length;
	read_tail(head->tail, last);
	ring_buffer_submit(head, 0);
	return 1;
}

/* The first bytes of `first`, at most SMALL. */
INLINE u32 send_small_from(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	struct small_chunk *chunk = small_chunk(call, size, time_ns);
	if (!chunk)
		return 0;
	u64 length = first->length > SMALL ? SMALL : first->length;
	asm volatile("" : "+r"(length));
	if (length > SMALL || read_user(chunk->data, length, (void *)first->address))
		length = 0;
	read_tail(chunk->head.tail, last);
	return send_small(chunk, length);
}

/*
 * The first `room` bytes of several places to `data`, which has as much again that is never used: it lets the verifier see that no copy runs over the
 * end. Returns how many; `room` must be known when this is compiled.
 */
INLINE u64 gather(struct call *call, u8 *data, u64 room, u64 size, struct vector *first)
{
	u64 at = 0, left = size;
	struct vector part = *first;
	for (u32 index = 0; index < VECTORS; index++) {
		if (index > 0 &&
		    (index >= call->vectors || read_user(&part, sizeof(part), (void *)(call->address + index * sizeof(part)))))
			break;
		u64 length = part.length > left ? left : part.length;
		left -= length;
		if (length > room - at)
			length = room - at;
		asm volatile("" : "+r"(length), "+r"(at));
		if (length > room || at >= room)
			break;
		if (length > 0 && read_user(data + at, length, (void *)part.address))
			break;
		at += length;
		if (at >= room || left == 0)
			break;
	}
	return at;
}

INLINE u32 send_gathered(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	if (size <= SMALL) {
		struct small_chunk *chunk = small_chunk(call, size, time_ns);
		if (!chunk)
			return 0;
		u64 captured = gather(call, chunk->data, SMALL, size, first);
		read_tail(chunk->head.tail, last);
		return send_small(chunk, captured);
	}
	struct chunk_head *head = reserve(call, sizeof(*head) + 2 * CAPTURED, size, time_ns);
	if (!head)
		return 0;
	head->captured = gather(call, (u8 *)(head + 1), CAPTURED, size, first);
	read_tail(head->tail, last);
	ring_buffer_submit(head, 0);
	return 1;
}

INLINE u32 send_with_data(struct call *call, u64 size, u64 time_ns, struct vector *first, struct vector *last)
{
	if (call->vectors > 1)
		return send_gathered(call, size, time_ns, first, last);
	if (first->length <= SMALL)
		return send_small_from(call, size, time_ns, first, last);
	return send_from(call, CAPTURED, size, time_ns, first, last);
}

INLINE u32 send_open(struct call *call, struct socket_ends *socket, u64 time_ns)
{
	struct chunk_open *open = (void *)reserve(call, sizeof(*open), 0, time_ns);
	if (!open)
		return 0;
	open->head.direction = CHUNK_OPEN;
	open->socket = *socket;
	ring_buffer_submit(open, 0);
	return 1;
}
