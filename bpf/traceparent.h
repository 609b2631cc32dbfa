/* A traceparent header as it is written into an HTTP/1 request (W3C Trace Context). */
#pragma once
#include "kernel.h"

/* "Traceparent: 00-", two identifiers in hexadecimal with "-" behind each, flags, end of line. */
#define HEADER_BYTES 70
/* The first word of its name, as other headers of the request are spelled. */
#define CAPITAL_NAME 0x7261706563617254 /* "Tracepar" */
#define SMALL_NAME 0x7261706563617274	/* "tracepar" */

INLINE void write_hex(char *to, const u8 *from, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		u8 high = from[i] >> 4, low = from[i] & 15;
		to[2 * i] = high + (high < 10 ? '0' : 'a' - 10);
		to[2 * i + 1] = low + (low < 10 ? '0' : 'a' - 10);
	}
}

/* Writes HEADER_BYTES to `to`, which words may be written to. */
INLINE void write_header(char *to, u64 name, const u8 *trace_id, const u8 *span_id, u32 sampled)
{
	/* No text of more than a word: the compiler would put it where no loader of ours looks. */
	u64 *words = (u64 *)to;
	words[0] = name;
	words[1] = 0x2d3030203a746e65; /* "ent: 00-" */
	write_hex(to + 16, trace_id, 16);
	to[48] = '-';
	write_hex(to + 49, span_id, 8);
	to[65] = '-';
	to[66] = '0';
	to[67] = sampled ? '1' : '0';
	to[68] = '\r';
	to[69] = '\n';
}
