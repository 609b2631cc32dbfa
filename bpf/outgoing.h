/*
 * A request or call that a thread is about to write, and the header that it shall get: from the probes of go.bpf.c, which see the goroutine, to the programs of
 * outgoing.bpf.c, which see the bytes on their way to the socket. src/instrument/ebpf/propagation.ts lets both have the same map.
 */
#pragma once
#include "kernel.h"

/* "Traceparent: 00-", two identifiers in hexadecimal with "-" behind each, flags, end of line. */
#define HEADER_BYTES 70
/* Of the request's beginning: enough to tell one request of a thread from whatever else it writes. */
#define HEAD_BYTES 32

struct outgoing {
	char head[HEAD_BYTES];
	char header[HEADER_BYTES];
	char unused[2];
};

/* A field of a header block as HPACK has it without an entry in its table: a mark, name and value with their lengths (RFC 7541, 6.2.2). */
#define FIELD_BYTES 69
/* Of one write; further calls carry nothing. */
#define MOST_CALLS 16

struct outgoing_call {
	u32 stream;
	/* Where its frame begins in the write, and the length of its block. */
	u32 start;
	u32 length;
	char field[FIELD_BYTES];
	char unused[3];
};

struct outgoing_calls {
	u32 count;
	u32 found;
	struct outgoing_call calls[MOST_CALLS];
};

/* Processes that began with a watched file: the tracer may come to know of them only after they have opened their first connections. */
MAP struct map starting = { MAP_LRU_HASH, 4, 4, 1024, 0 };

/* What gRPC clients are about to write, by thread. */
MAP struct map outgoing_calls = { MAP_LRU_HASH, 8, sizeof(struct outgoing_calls), 4096, 0 };

/* By thread. */
MAP struct map outgoing_requests = { MAP_LRU_HASH, 8, sizeof(struct outgoing), 4096, 0 };
