/*
 * What a goroutine is about to write that shall get trace context: from the probes of go.bpf.c, which see the request or call, to the programs of
 * outgoing.bpf.c, which see the bytes on their way to the socket. src/instrument/ebpf/propagation.ts lets both have the same maps. Both know the
 * goroutine, by its register: threads it may change between a probe and its write, when other programs want the processor.
 */
#pragma once
#include "traceparent.h"

struct goroutine {
	u64 address;
	u64 process;
};

/* Of the request's beginning: enough to tell one request of a goroutine from whatever else it writes. */
#define HEAD_BYTES 32

struct outgoing {
	char head[HEAD_BYTES];
	char header[HEADER_BYTES];
	char unused[2];
};

/* A field of a header block as HPACK has it without an entry in its table: a mark, name and value with their lengths (RFC 7541, 6.2.2). */
#define FIELD_BYTES 69
/* Of one connection, in frames that were not written yet; calls beyond take the places of the eldest, which carry nothing. */
#define MOST_CALLS 128

struct outgoing_call {
	/* Of its connection; zero when nothing is to be added to it. */
	u32 stream;
	/* Where its frame begins in the write, and the length of its block. */
	u32 start;
	u32 length;
	char field[FIELD_BYTES];
	char unused[3];
};

/* A client numbers its calls 1, 3, 5 ...: as many in a row have places of their own. */
#define PLACE_OF_CALL(stream) ((stream) >> 1 & (MOST_CALLS - 1))

struct outgoing_calls {
	/* The places of those whose frames are in the write, in its order. */
	u32 found;
	u8 places[MOST_CALLS];
	struct outgoing_call calls[MOST_CALLS];
};

/*
 * Processes whose new connections are taken, by the kernel's own number for them: programs at sockets have no other before Linux 6.10. Those that
 * may become traced ones (starting.h), and those that have sent something.
 */
MAP struct map senders = { MAP_LRU_HASH, 4, 4, 1024, 0 };

INLINE u32 kernel_process(void)
{
	return current_pid_tgid() >> 32;
}

/* What the current process opens from now on is taken. */
INLINE void note_sender(void)
{
	u32 process = kernel_process(), yes = 1;
	if (!map_lookup(&senders, &process))
		map_update(&senders, &process, &yes, 0);
}

/* Who writes, as programs at sockets see it. */
INLINE struct goroutine writer_of(u64 goroutine)
{
	struct goroutine writer = { goroutine, kernel_process() };
	return writer;
}

/* What the goroutine of a gRPC client's connection has put into frames. */
MAP struct map outgoing_calls = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct outgoing_calls), 512, 0 };

/* What the goroutine of an HTTP client's connection is about to write. */
MAP struct map outgoing_requests = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct outgoing), 4096, 0 };
