/* The head of an HTTP/1 message, read byte by byte: only what decides whether and where a header may be put in, and where the next message begins. */
#pragma once
#include "kernel.h"

#define HTTP_ANSWER 0x50545448 /* HTTP */

/* The first four bytes of a request. */
INLINE u32 is_method(u32 word)
{
	switch (word) {
	case 0x20544547: /* GET_ */
	case 0x54534f50: /* POST */
	case 0x20545550: /* PUT_ */
	case 0x44414548: /* HEAD */
	case 0x454c4544: /* DELE */
	case 0x4954504f: /* OPTI */
	case 0x43544150: /* PATC */
		return 1;
	}
	return 0;
}

enum {
	HEAD_VERSION = 1, /* its first line ends in "HTTP/1.0" or "HTTP/1.1" */
	HEAD_CODED = 2,   /* it has a Transfer-Encoding */
	HEAD_UPGRADES = 4,
	HEAD_TRACE = 8,   /* it has a traceparent or tracestate */
	HEAD_BAD = 16,    /* not understood for certain */
};

/* Eight bytes as the window has them. */
#define WORD(a, b, c, d, e, f, g, h)                                                                                              \
	((u64)(a) << 56 | (u64)(b) << 48 | (u64)(c) << 40 | (u64)(d) << 32 | (u64)(e) << 24 | (u64)(f) << 16 | (u64)(g) << 8 | (u64)(h))
#define LOWER_CASE 0x2020202020202020

/* Bytes that are looked at in one round, and rounds, of which one ends at each colon and each end of a line: heads that need more are not read as a whole. */
#define ROUND_BYTES 32
#define ROUNDS 192

/* Volatile: in memory the verifier need not follow each value. */
struct head {
	volatile u32 at;     /* bytes that have been looked at */
	volatile u32 end;    /* bytes of the head with its empty line; 0: it is not whole */
	volatile u32 line;   /* bytes of its first line */
	volatile u32 flags;
	volatile u32 length; /* where the value of Content-Length begins */
	volatile u32 trace;  /* where the value of traceparent begins */
};

/* A pointer as a number, which the verifier lets us count with. */
INLINE u64 number_of(void *typed)
{
	u64 number = 0;
	read_kernel(&number, sizeof(number), &typed);
	return number;
}

INLINE void end_head_line(struct head *head, u64 before, u64 last, u8 next, u32 at)
{
	/* An end of line by itself, or a line that goes on with a space or tab: others may see another head than we do. */
	if ((last & 0xff00) != 0x0d00 || next == ' ' || next == '\t')
		head->flags |= HEAD_BAD;
	if (head->line)
		return;
	head->line = at + 1;
	if ((last == WORD('T', 'P', '/', '1', '.', '1', '\r', '\n') || last == WORD('T', 'P', '/', '1', '.', '0', '\r', '\n')) &&
	    (before & 0xffffff) == (' ' << 16 | 'H' << 8 | 'T'))
		head->flags |= HEAD_VERSION;
}

/* The end of a header's name. Names may be longer: then it counts as if it were the one that it ends like, unless a line begins there. */
INLINE void end_head_name(struct head *head, u64 before, u64 last, u32 at)
{
	u32 begins_long = before >> 56 == '\n', begins_trace = (before >> 32 & 0xff) == '\n';
	u64 start = before | LOWER_CASE, end = last | LOWER_CASE;
	if (begins_long && end == WORD('-', 'l', 'e', 'n', 'g', 't', 'h', ':') &&
	    (start & 0xffffffffffffff) == WORD(0, 'c', 'o', 'n', 't', 'e', 'n', 't')) {
		if (head->length)
			head->flags |= HEAD_BAD;
		head->length = at + 1;
	}
	if (end == WORD('n', 'c', 'o', 'd', 'i', 'n', 'g', ':') && start == WORD('a', 'n', 's', 'f', 'e', 'r', '-', 'e'))
		head->flags |= HEAD_CODED;
	if (end == WORD('u', 'p', 'g', 'r', 'a', 'd', 'e', ':'))
		head->flags |= HEAD_UPGRADES;
	if (end == WORD('c', 'e', 's', 't', 'a', 't', 'e', ':'))
		head->flags |= HEAD_TRACE;
	if (begins_trace && end == WORD('e', 'p', 'a', 'r', 'e', 'n', 't', ':') && (start & 0xffffffff) == WORD(0, 0, 0, 0, 't', 'r', 'a', 'c')) {
		if (head->trace)
			head->flags |= HEAD_BAD;
		head->flags |= HEAD_TRACE;
		head->trace = at + 1;
	}
}

/* Takes the colon or end of a line at `at` of what begins at `start`; returns 1 when it is the last of the head. */
INLINE u32 take_mark(struct head *head, u64 start, u8 mark, u32 at)
{
	struct {
		u64 before, last, next;
	} window = {};
	/* No head's first line is shorter; a colon so near to its beginning is part of an address. */
	if (at < 15) {
		if (mark == '\n')
			head->flags |= HEAD_BAD;
		return 0;
	}
	/* One byte more than there may be, which is not looked at then. */
	if (read_kernel(&window, 17, (void *)(start + at - 15))) {
		head->flags |= HEAD_BAD;
		return 1;
	}
	u64 before = __builtin_bswap64(window.before), last = __builtin_bswap64(window.last);
	if ((last & 0xffffffff) == 0x0d0a0d0a) {
		head->end = at + 1;
		return 1;
	}
	if (mark == '\n')
		end_head_line(head, before, last, window.next, at);
	else
		end_head_name(head, before, last, at);
	return 0;
}

INLINE u32 is_mark(u8 byte)
{
	return byte == '\n' || byte == ':';
}

/*
 * Reads the head in `bytes`, at most `most` of them, as far as IS_THERE(at). The verifier goes through each round for itself, but not for each place at which
 * the one before may have ended: the place is in memory.
 */
#define READ_HEAD(head, bytes, most, IS_THERE)                                                                  \
	for (u32 round = 0; round < ROUNDS; round++) {                                                          \
		u64 at = (head)->at;                                                                            \
		for (u32 count = 0; count < ROUND_BYTES; count++, at++)                                         \
			if (at >= (most) || !(IS_THERE(at)) || is_mark((bytes)[at]))                            \
				break;                                                                          \
		(head)->at = at;                                                                                \
		at = (head)->at;                                                                                \
		if (at >= (most) || !(IS_THERE(at)))                                                            \
			break;                                                                                  \
		u8 mark = (bytes)[at];                                                                          \
		if (!is_mark(mark))                                                                             \
			continue;                                                                               \
		(head)->at = at + 1;                                                                            \
		if (take_mark(head, number_of(bytes), mark, at))                                                \
			break;                                                                                  \
	}

INLINE u32 is_bad(struct head *head)
{
	return !head->end || head->flags & HEAD_BAD;
}

#define LENGTH_DIGITS 12

#define NOT_A_NUMBER 0xffffffffffffffff

/* The number that begins at `bytes`, and ends with its line before `end`; NOT_A_NUMBER when it does not. */
INLINE u64 read_number(u8 *bytes, u8 *end)
{
	u64 value = 0;
	u32 digits = 0;
	for (u32 i = 0; i < LENGTH_DIGITS + 2 && bytes + i + 1 <= end; i++) {
		u8 byte = bytes[i];
		if (byte >= '0' && byte <= '9') {
			value = value * 10 + (byte - '0');
			digits++;
		} else if (byte == '\r') {
			return digits ? value : NOT_A_NUMBER;
		} else if (byte != ' ' || i) {
			return NOT_A_NUMBER;
		}
	}
	return NOT_A_NUMBER;
}
