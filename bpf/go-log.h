/* Lines that a program writes to its standard output and error in a request: its logs, whatever library makes them. */
#pragma once
#include "go-context.h"

/* struct os.File points to a struct that begins with a poll.FD: a lock, the descriptor. */
#define FILE_DESCRIPTOR 16

/* src/instrument/ebpf/logs/log-line.ts reads the same offsets. */
struct log_head {
	u32 kind;
	u32 process;
	u64 time_ns; /* CLOCK_MONOTONIC */
	u8 trace_id[16];
	u8 span_id[8];
	u32 sampled;
	u32 descriptor;
	u64 length; /* of the whole text */
};

#define LINE_BYTES 456
#define LONG_LINE_BYTES 3528

struct log_line {
	struct log_head head; /* 56 bytes */
	char text[LINE_BYTES];
};

struct long_log_line {
	struct log_head head;
	char text[LONG_LINE_BYTES];
};

INLINE void fill_line(struct log_head *head, char *text, u32 room, struct span_context *context, struct goroutine *key, u64 from, u64 length)
{
	head->kind = LOG_LINE;
	head->process = key->process;
	head->time_ns = monotonic_ns();
	__builtin_memcpy(head->trace_id, context->trace_id, 16);
	__builtin_memcpy(head->span_id, context->span_id, 8);
	head->sampled = context->sampled;
	u32 size = length > room ? room : length;
	asm volatile("" : "+r"(size));
	/* What cannot be read has no length. */
	head->length = size > room || size == 0 || read_user(text, size, (void *)from) ? 0 : length;
}

/* os.(*File).Write(bytes) (int, error) */
REQUEST_PROGRAM(6, log_write)
{
	struct span_context *context = offsets->logs ? context_of(key, offsets) : 0;
	if (!context)
		return;
	u64 descriptor = read_word(read_word(WORD_0(at)) + FILE_DESCRIPTOR), length = WORD_2(at);
	if ((descriptor != 1 && descriptor != 2) || length == 0)
		return;
	if (length <= LINE_BYTES) {
		struct log_line *line = ring_buffer_reserve(&events, sizeof(struct log_line), 0);
		if (!line) {
			count_lost(1);
			return;
		}
		line->head.descriptor = descriptor;
		fill_line(&line->head, line->text, LINE_BYTES, context, key, WORD_1(at), length);
		ring_buffer_submit(line, 0);
	} else {
		struct long_log_line *line = ring_buffer_reserve(&events, sizeof(struct long_log_line), 0);
		if (!line) {
			count_lost(1);
			return;
		}
		line->head.descriptor = descriptor;
		fill_line(&line->head, line->text, LONG_LINE_BYTES, context, key, WORD_1(at), length);
		ring_buffer_submit(line, 0);
	}
}
