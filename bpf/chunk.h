/*
 * What one system call moved over a connection, as it goes through the ring buffer; src/instrument/ebpf/chunks/chunk.ts reads the
 * same offsets. The head is followed by the chunk's first bytes when it begins a message and on connections that are followed, and by all of them
 * on those that are taken whole, save content (frames.h): there a call becomes as many chunks as it needs, and what a chunk lacks lies behind its bytes.
 */
#pragma once
#include "kernel.h"

enum direction { CHUNK_IN = 1, CHUNK_OUT = 2, CHUNK_CLOSE = 3, CHUNK_OPEN = 4, CHUNK_CONTEXT = 5, CHUNK_LEFT = 6 };

/* Of chunk_head.direction: bytes of the connection before these were lost. */
#define CHUNK_GAP 0x100
/* Of the same: TCP has not sent all yet when the call returns. A chunk CHUNK_LEFT follows when it has. */
#define CHUNK_UNSENT 0x200

#define CAPTURED 1024
#define SMALL 256
#define LARGE 4096
#define TAIL 8

struct chunk_head {
	u64 time_ns; /* CLOCK_MONOTONIC: of what comes in, when the call returned; of what goes out, when it was called */
	u64 size;
	u32 process;
	u32 thread;
	u32 descriptor;
	u16 direction;
	u16 captured;
	u8 tail[TAIL]; /* at 32: the last bytes, at most as many as `size` */
	/* When bytes came that were read, at the latest; of what goes out first over a connection opened for it, when that began; 0: not known. */
	u64 began_ns;
	u64 ended_ns; /* of what comes in `time_ns`; of what goes out, when the last packet left of what could be sent at once, else when the call returned; of CHUNK_LEFT, when the last packet left */
}; /* 56 */

/* Both ends of a socket; addresses as the network has them, ports as numbers. */
struct socket_ends {
	u64 file;    /* tells connections of one descriptor apart */
	u64 network; /* the network namespace */
	u16 family;  /* AF_UNIX, AF_INET, AF_INET6 */
	u16 protocol;
	u16 local_port;
	u16 remote_port;
	u8 local[16]; /* of IPv4 the first 4 */
	u8 remote[16];
};

/* Comes before the first chunk of a connection. */
struct chunk_open {
	struct chunk_head head;
	struct socket_ends socket; /* at 56 */
}; /* 112 */

/* Of a request that is read or sent. */
struct context {
	u8 trace_id[16];
	u8 span_id[8];
	u8 parent_id[8]; /* zero for a root */
	u32 sampled;
	u32 unused;
};

/* Belongs to the chunk of the same thread and time. */
struct chunk_context {
	struct chunk_head head;
	struct context context; /* at 56 */
}; /* 96 */
