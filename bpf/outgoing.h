/*
 * A request that a thread is about to write, and the header that it shall get: from the probes of go.bpf.c, which see the goroutine, to the programs of
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

/* By thread. */
MAP struct map outgoing_requests = { MAP_LRU_HASH, 8, sizeof(struct outgoing), 4096, 0 };
