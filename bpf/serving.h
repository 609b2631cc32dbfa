/*
 * Sees requests that observed processes read begin and their answers end, and decides the ids of their spans, see context.h. Part of syscalls.bpf.c:
 * called once the chunk of a system call has been sent.
 */
#define HEAD_SEEN 1024
#define TRACEPARENT_DIGITS 55

/* Room to look at the bytes of a head, and more that is never used: it lets the verifier see that no read runs over the end. */
struct head_bytes {
	u8 bytes[HEAD_SEEN + 64];
	u64 length;
	struct head head;
};

MAP struct map head_bytes = { MAP_PER_CPU_ARRAY, 4, sizeof(struct head_bytes), 1, 0 };

/* A program of its own, which knows nothing else: the verifier goes through each round of the loop for everything that may be different before it. */
TRACEPOINT("serving_head")
int read_head(u64 *arguments)
{
	u32 zero = 0;
	struct head_bytes *room = map_lookup(&head_bytes, &zero);
	if (!room)
		return 0;
	volatile u64 *length = &room->length;
#define IS_READ(at) ((at) < *length)
	READ_HEAD(&room->head, room->bytes, HEAD_SEEN, IS_READ)
	tail_call(arguments, &pieces, AT_SERVING_END);
	return 0;
}

/* Has the head read, and goes on in `serving_end`; returns where that cannot be. */
INLINE void begin_head(u64 *arguments, struct head_bytes *room, struct vector *first)
{
	__builtin_memset((void *)&room->head, 0, sizeof(room->head));
	u64 length = first->length > HEAD_SEEN ? HEAD_SEEN : first->length;
	asm volatile("" : "+r"(length));
	if (length > HEAD_SEEN || read_user(room->bytes, length, (void *)first->address))
		length = 0;
	room->length = length;
	tail_call(arguments, &pieces, AT_SERVING_HEAD);
}

INLINE u32 hex_digit(u8 byte, u32 *bad)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	*bad = 1;
	return 0;
}

INLINE u8 hex_byte(u8 *at, u32 *bad)
{
	return hex_digit(at[0], bad) << 4 | hex_digit(at[1], bad);
}

/* The caller by the header's value, of version 00 only. Returns 0 when it is not understood for certain. */
INLINE u32 read_traceparent(struct head_bytes *at, struct context *context)
{
	u32 place = at->head.trace, bad = 0, trace = 0, parent = 0;
	if (place >= HEAD_SEEN)
		return 0;
	if (at->bytes[place] == ' ')
		place++;
	asm volatile("" : "+r"(place));
	if (place > HEAD_SEEN)
		return 0;
	u8 *value = at->bytes + place;
	if (value[0] != '0' || value[1] != '0' || value[2] != '-' || value[35] != '-' || value[52] != '-' || value[55] != '\r')
		return 0;
	for (u32 i = 0; i < 16; i++)
		trace |= context->trace_id[i] = hex_byte(value + 3 + 2 * i, &bad);
	for (u32 i = 0; i < 8; i++)
		parent |= context->parent_id[i] = hex_byte(value + 36 + 2 * i, &bad);
	context->sampled = hex_byte(value + 53, &bad) & 1;
	return !bad && trace && parent;
}

INLINE void send_context(struct call *call, struct context *context, u64 time_ns)
{
	struct chunk_context *to = (void *)reserve(call, sizeof(*to), 0, time_ns);
	if (!to)
		return;
	to->head.direction = CHUNK_CONTEXT;
	to->context = *context;
	ring_buffer_submit(to, 0);
}

/* Of programs that are not known, tasks may go from thread to thread: only where one thread reads all requests is it clear whose they are. */
INLINE void note_reader(u32 process, u64 thread)
{
	u64 *first = map_lookup(&readers, &process);
	if (!first)
		map_update(&readers, &process, &thread, 0);
	else if (*first != thread && !(flags_of(process) & STEADY))
		note_unclear_process(process);
}

INLINE void request_came(struct call *call, struct known *known, struct head_bytes *room)
{
	struct connection connection = { call->process, call->descriptor };
	end_served(&connection);
	u64 thread = current_pid_tgid();
	struct server_thread *at = server_thread(thread);
	struct head *head = &room->head;
	note_reader(call->process, thread);
	if (!at)
		return note_unclear_process(call->process);
	struct served made = { thread, known->file, NOT_BEGUN, SERVED_OTHER, 0, {} };
	made.context.sampled = 1;
	made.without_body = room->bytes[0] == 'H';
	if (!is_bad(head) && (head->trace ? read_traceparent(room, &made.context) : !was_asked(call))) {
		made.state = SERVED_OPEN;
		if (!head->trace)
			random_bytes(made.context.trace_id, 4);
		random_bytes(made.context.span_id, 2);
	}
	if (map_update(&served, &connection, &made, 0))
		return note_unclear_process(call->process);
	if (made.state == SERVED_OPEN) {
		add_open(at, call->descriptor, 1);
		send_context(call, &made.context, call->ended_ns);
	} else {
		__sync_fetch_and_add(&at->others, 1);
	}
}

/* Whether the last chunk of a body of chunks is what the last bytes are (RFC 9112, 7.1). */
INLINE u32 ends_chunks(struct vector *last)
{
	u8 bytes[5] = {};
	if (last->length < 5 || read_user(bytes, 5, (void *)(last->address + last->length - 5)))
		return 0;
	return bytes[0] == '0' && bytes[1] == '\r' && bytes[2] == '\n' && bytes[3] == '\r' && bytes[4] == '\n';
}

/* Of its head and body by Content-Length; NOT_KNOWN when that is none. */
INLINE u64 answer_size(struct head_bytes *at)
{
	u32 place = at->head.length;
	asm volatile("" : "+r"(place));
	if (place > HEAD_SEEN)
		return NOT_KNOWN;
	u64 length = read_number(at->bytes + place, at->bytes + place + LENGTH_DIGITS + 2);
	return length == NOT_A_NUMBER ? NOT_KNOWN : length + at->head.end;
}

/* `room` of the answer's head where it begins; 0 behind it. */
INLINE void answer_goes(struct call *call, struct served *of, u64 size, struct head_bytes *room, struct vector *last)
{
	struct connection connection = { call->process, call->descriptor };
	/* Requests go from one thread to another here: which one a thread works for cannot be known. */
	if (of->thread != current_pid_tgid())
		note_unclear_process(call->process);
	if (room) {
		struct head *head = &room->head;
		u8 *status = room->bytes + 9;
		if (status[0] == '1' && status[2] != '1')
			return; /* others follow */
		of->left = NOT_KNOWN;
		if (!is_bad(head)) {
			if (of->without_body || (status[0] == '2' && status[2] == '4') || (status[0] == '3' && status[2] == '4'))
				of->left = head->end;
			else if (head->length && !(head->flags & HEAD_CODED))
				of->left = answer_size(room);
		}
		if (of->state == SERVED_OPEN) {
			struct server_thread *at = map_lookup(&server_threads, &of->thread);
			of->state = SERVED_OTHER;
			if (at) {
				__sync_fetch_and_add(&at->others, 1);
				add_open(at, call->descriptor, -1);
			}
		}
	}
	if (of->left == NOT_BEGUN)
		return;
	if (of->left != NOT_KNOWN)
		of->left -= size < of->left ? size : of->left;
	if (of->left == 0 || (of->left == NOT_KNOWN && ends_chunks(last)))
		end_served(&connection);
}

/* `has_head`, which must be known when this is compiled: whether the head that begins has been read. */
INLINE void see_call(u64 *arguments, struct call *call, u32 has_head)
{
	u32 zero = 0;
	u64 size = arguments[1];
	struct connection connection = { call->process, call->descriptor };
	struct known *known = map_lookup(&connections, &connection);
	struct head_bytes *room = map_lookup(&head_bytes, &zero);
	if ((s64)size <= 0 || !room || !known || known->verdict == IGNORED || known->verdict == FOLLOWED || known->verdict == WHOLE)
		return;
	struct served *of = map_lookup(&served, &connection);
	u32 is_out = call->direction == CHUNK_OUT;
	if (is_out && !of)
		return;
	/* The compiler knows that what is written has one; the verifier must see it. */
	asm volatile("" : "+r"(of));
	struct vector first = { call->address, size };
	if (call->vectors && read_user(&first, sizeof(first), (void *)call->address))
		return;
	if (first.length > size)
		first.length = size;
	struct vector last = first;
	if (call->vectors > 1)
		read_user(&last, sizeof(last), (void *)(call->address + (call->vectors - 1) * sizeof(last)));
	if (has_head) {
		if (is_out && of)
			answer_goes(call, of, size, room, &last);
		else
			request_came(call, known, room);
		return;
	}
	u32 word = 0, begins;
	if (call->unseen || first.length < 4 || read_user(&word, 4, (void *)first.address))
		word = 0;
	if (is_out)
		begins = of && of->left == NOT_BEGUN && word == HTTP_ANSWER;
	else /* What begins while a request waits for its answer is its body, whatever it looks like, or one of several that were sent without waiting. */
		begins = is_method(word) && (!of || of->file != known->file || of->left != NOT_BEGUN);
	if (begins)
		begin_head(arguments, room, &first);
	else if (is_out && of)
		answer_goes(call, of, size, 0, &last);
}

TRACEPOINT("serving")
int serving(u64 *arguments)
{
	u64 thread = current_pid_tgid();
	struct call *call = map_lookup(&calls, &thread);
	if (!call)
		return 0;
	struct context *sent = call->direction == CHUNK_OUT ? map_lookup(&sent_contexts, &thread) : 0;
	if (sent) {
		send_context(call, sent, call->time_ns);
		map_delete(&sent_contexts, &thread);
	}
	see_call(arguments, call, 0);
	map_delete(&calls, &thread);
	return 0;
}

TRACEPOINT("serving_end")
int serving_end(u64 *arguments)
{
	u64 thread = current_pid_tgid();
	struct call *call = map_lookup(&calls, &thread);
	if (call)
		see_call(arguments, call, 1);
	map_delete(&calls, &thread);
	return 0;
}

/* sched_process_exit(struct task_struct *): of each thread. */
TRACEPOINT("sched_process_exit")
int thread_ends(u64 *arguments)
{
	u64 thread = current_pid_tgid();
	map_delete(&server_threads, &thread);
	return 0;
}
