/*
 * Sends the bytes of connections that are taken whole, and follows their frames of HTTP/2 (RFC 9113, 4.1) as they go by: of content only its length is
 * sent. Frames may be cut anywhere, by calls and within them. Part of syscalls.bpf.c.
 */

#define PREFACE 24
#define FRAME_HEAD 9
#define TYPE_DATA 0
#define TYPE_SETTINGS 4
#define FLAG_PADDED 8

/* Of half.left: frames are not followed, all is sent. */
#define UNFOLLOWED (1ULL << 62)

/*
 * Pieces that the bytes of a call are sent in. The verifier goes through each round of a loop: a program sends some pieces, and begins anew by a tail
 * call, of which the kernel allows 33.
 */
#define PIECES 4096
#define PIECES_AT_A_TIME 128

/* How far the frames are that one side of a connection sends. */
struct half {
	u64 left;    /* of the payload, or of the client's preface, that has not come */
	u32 content; /* 1: it is content of a stream, of which the length is enough */
	u32 filled;  /* bytes of the next frame's head that have come */
	u8 head[24]; /* more than it has, see take_head */
};

/* The program that sends pieces, for what runs at tracepoints and at functions. */
MAP struct map pieces = { MAP_PROGRAMS, 4, 4, 4, 0 };
MAP struct map tls_pieces = { MAP_PROGRAMS, 4, 4, 1, 0 };

struct half_key {
	u32 process;
	u32 descriptor;
	u32 direction;
};

struct walk {
	struct call call;
	u64 time_ns;
	u64 address; /* of what comes next, as much as `length` of the vector */
	u64 length;
	u64 left;     /* of all vectors */
	u64 next;     /* the vector that is walked, and how many there are from it on */
	u64 vectors;
	u64 pieces;   /* that may still be sent */
	u64 run;      /* bytes before `address` that wait to be sent */
	u64 left_out; /* bytes behind those, before `address`, that will not be */
	u64 lost;     /* 1: a chunk did not fit */
	struct half half;
};

/* How far the bytes of a call have been sent that a thread is about to return from. In a map: the verifier forgets what it knew of each round. */
MAP struct map walks = { MAP_LRU_HASH, 8, sizeof(struct walk), 4096, 0 };

/* Halves of connections taken whole, from their first bytes. One that is not here is not followed. */
MAP struct map halves = { MAP_LRU_HASH, sizeof(struct half_key), sizeof(struct half), 16384, 0 };

INLINE void follow_half(struct call *call, u32 direction, u64 preface)
{
	struct half_key key = { call->process, call->descriptor, direction };
	struct half begin = { preface, 0, 0, {} };
	map_update(&halves, &key, &begin, 0);
}

INLINE u32 is_followed(struct call *call)
{
	struct half_key key = { call->process, call->descriptor, call->direction };
	return map_lookup(&halves, &key) != 0;
}

INLINE void leave_half(struct call *call, u32 direction)
{
	struct half_key key = { call->process, call->descriptor, direction };
	map_delete(&halves, &key);
}

INLINE void leave_halves(struct call *call)
{
	leave_half(call, CHUNK_IN);
	leave_half(call, CHUNK_OUT);
}

/* The begin of a server, which may come before its client's. */
INLINE u32 begins_settings(struct vector *first)
{
	u8 head[FRAME_HEAD] = {};
	if (first->length < FRAME_HEAD || read_user(head, FRAME_HEAD, (void *)first->address))
		return 0;
	return head[0] == 0 && head[3] == TYPE_SETTINGS && (head[4] | head[5] | head[6] | head[7] | head[8]) == 0 &&
	       ((head[1] << 8) | head[2]) % 6 == 0;
}

INLINE void advance(struct walk *walk, u64 bytes)
{
	walk->address += bytes;
	walk->length -= bytes;
	walk->left -= bytes;
}

/* All that comes is sent from now on. */
INLINE void stop_following(struct half *half)
{
	half->left = UNFOLLOWED;
	half->content = 0;
}

/* As much of a frame's head as is there. What cannot be read is sent as far as it goes, and all behind it. */
INLINE void take_head(struct walk *walk)
{
	struct half *half = &walk->half;
	u64 filled = half->filled, bytes = walk->length;
	if (bytes > FRAME_HEAD - filled)
		bytes = FRAME_HEAD - filled;
	asm volatile("" : "+r"(filled), "+r"(bytes));
	if (filled >= FRAME_HEAD || bytes > FRAME_HEAD ||
	    read_user(half->head + filled, bytes, (void *)walk->address)) {
		stop_following(half);
		return;
	}
	advance(walk, bytes);
	walk->run += bytes;
	half->filled = filled + bytes;
	if (half->filled < FRAME_HEAD)
		return;
	half->filled = 0;
	half->left = (half->head[0] << 16) | (half->head[1] << 8) | half->head[2];
	/* The length of padding is a byte of the payload. */
	half->content = half->head[3] == TYPE_DATA && !(half->head[4] & FLAG_PADDED);
}

/* As much of a payload as is there; little content costs less to send than to leave out. */
INLINE void take_payload(struct walk *walk)
{
	u64 bytes = walk->half.left;
	if (bytes > walk->length)
		bytes = walk->length;
	if (walk->half.content && bytes > SMALL) {
		walk->left_out = bytes;
	} else {
		if (bytes > LARGE - walk->run)
			bytes = LARGE - walk->run;
		walk->run += bytes;
	}
	walk->half.left -= bytes;
	advance(walk, bytes);
}

/* Bytes that never were in the process's memory (sendfile): content, where that is what is due. */
INLINE void pass_unseen(struct call *call, u64 size)
{
	struct half_key key = { call->process, call->descriptor, call->direction };
	struct half *half = map_lookup(&halves, &key);
	if (!half)
		return;
	if (half->content && size <= half->left)
		half->left -= size;
	else
		stop_following(half);
}

/* The bytes of the run, and how many behind them are left out. */
INLINE void send_run(struct walk *walk)
{
	struct vector nothing = {};
	u64 moved = walk->run + walk->left_out;
	struct vector run = { walk->address - moved, walk->run };
	walk->run = 0;
	walk->left_out = 0;
	u32 sent = run.length == 0    ? send_without_data(&walk->call, moved, walk->time_ns, &nothing)
		   : run.length <= SMALL ? send_small_from(&walk->call, moved, walk->time_ns, &run, &nothing)
					 : send_from(&walk->call, LARGE, moved, walk->time_ns, &run, &nothing);
	walk->call.gap = 0;
	walk->lost = !sent;
}

/* Returns 1 when there are no more. */
INLINE u32 send_piece(struct walk *walk)
{
	if (walk->left == 0 || walk->lost)
		return 1;
	walk->pieces--;
	if (walk->length == 0) {
		struct vector part = {};
		walk->next += sizeof(part);
		if (walk->vectors < 2 || read_user(&part, sizeof(part), (void *)walk->next))
			return 1;
		walk->vectors--;
		walk->address = part.address;
		walk->length = part.length > walk->left ? walk->left : part.length;
	}
	/* As many as are needed without following frames, which are too small. */
	if (walk->pieces == walk->left / LARGE + walk->vectors + 2)
		stop_following(&walk->half);
	if (walk->half.left == 0)
		take_head(walk);
	take_payload(walk);
	u32 is_full = walk->length == 0 || walk->left_out > 0 || walk->run >= LARGE - FRAME_HEAD;
	if (is_full && walk->run + walk->left_out > 0)
		send_run(walk);
	return 0;
}

/* Makes the bytes of a call ready to be sent in pieces. */
INLINE void begin_walk(struct call *call, u64 size, u64 time_ns, struct vector *first)
{
	u64 thread = current_pid_tgid();
	struct half_key key = { call->process, call->descriptor, call->direction };
	struct half *half = map_lookup(&halves, &key);
	struct walk walk = {
		*call, time_ns, first->address, first->length, size, call->address, call->vectors, PIECES, 0, 0, 0, {}
	};
	if (half)
		walk.half = *half;
	else
		walk.half.left = UNFOLLOWED;
	map_update(&walks, &thread, &walk, 0);
}

/* The call's bytes are sent, or what is left of them comes without them. */
INLINE void end_walk(struct walk *walk)
{
	struct vector nothing = {};
	struct connection connection = { walk->call.process, walk->call.descriptor };
	struct half_key key = { connection.process, connection.descriptor, walk->call.direction };
	u64 left = walk->left + walk->run;
	u32 sent = !walk->lost && (left == 0 || send_without_data(&walk->call, left, walk->time_ns, &nothing));
	struct half *half = map_lookup(&halves, &key);
	if (half)
		*half = walk->half;
	struct known *known = map_lookup(&connections, &connection);
	if (known)
		*gap_of(known, key.direction) = !sent;
}

/* Sends pieces of what this thread has moved, and goes on with `programs`. */
INLINE void send_pieces(void *context, void *programs)
{
	u64 thread = current_pid_tgid();
	struct walk *walk = map_lookup(&walks, &thread);
	if (!walk)
		return;
	for (u32 piece = 0; piece < PIECES_AT_A_TIME; piece++) {
		if (send_piece(walk))
			goto ended;
	}
	if (walk->pieces > 0)
		tail_call(context, programs, 0);
ended:
	end_walk(walk);
	map_delete(&walks, &thread);
}
