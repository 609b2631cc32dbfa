/* What is known of observed processes and their connections, and where it is kept. Part of syscalls.bpf.c. */
#pragma once
#include "context.h"
#include "namespace.h"
#include "socket.h"

struct settings {
	struct namespace namespace;
	struct offsets offsets;
};

/* A call of OpenSSL under way. */
struct tls_call {
	u64 time_ns;
	u64 connection; /* SSL * */
	u64 address;    /* of the bytes */
	u64 count;      /* where the number of bytes is put; 0: it is returned */
	u32 process;
	u32 direction;
	u32 descriptor; /* over which it reads or writes; NO_DESCRIPTOR when that is done elsewhere */
	u32 unsent;   /* as of a call, of those within, as the next two; 0 where there is none */
	u64 began_ns;
	u64 ended_ns;
};

INLINE u32 tls_descriptor(u64 connection)
{
	return 0x80000000 | (u32)(connection >> 4);
}

/* How a connection goes on. All but WHOLE is what the tracer says; WHOLE is seen here, by the first bytes: not one may be missed. */
enum verdict { UNDECIDED, BY_MESSAGE, FOLLOWED, IGNORED, WHOLE };

/* Chunks of a connection that are sent with their bytes while the tracer has not decided: it needs fewer, but looks only now and then. */
#define UNDECIDED_CHUNKS 512

#define TCP 6

/* What came over a connection before it was taken whole. */
enum before { NOTHING_BEFORE, SETTINGS_BEFORE, BYTES_BEFORE };

struct known {
	u64 file;
	u64 sock; /* of TCP; 0: not known */
	u16 verdict;
	u16 before;
	u16 sent;
	u8 gap[2]; /* by direction; 1: a chunk of it was lost since the last that was sent */
};

struct vector {
	u64 address;
	u64 length;
};

/* The begin of struct msghdr. */
struct message {
	u64 name;
	u64 name_length;
	u64 vectors;
	u64 vector_count;
};

MAP struct map settings = { MAP_ARRAY, 4, sizeof(struct settings), 1, 0 };
MAP struct map events = { MAP_RING_BUFFER, 0, 0, 16 << 20, 0 };
/* Chunks that did not fit: the ring buffer was full. */
MAP struct map lost = { MAP_ARRAY, 4, 8, 1, 0 };
MAP struct map tls_calls = { MAP_LRU_HASH, 8, sizeof(struct tls_call), 16384, 0 };

/* Of descriptors that are no socket too: IGNORED. */
MAP struct map connections = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* What the tracer decided, perhaps of a connection that is gone: only the kernel writes into `connections`. */
MAP struct map verdicts = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct known), 65536, 0 };

/* The process id as the tracer's namespace sees it when the process is observed; 0 otherwise. */
INLINE u32 observed_process(void)
{
	u32 zero = 0;
	struct settings *at = map_lookup(&settings, &zero);
	u32 process = at ? process_in(&at->namespace) : 0;
	return process && map_lookup(&processes, &process) ? process : 0;
}

/* Flags of an observed process. */
INLINE u32 flags_of(u32 process)
{
	u32 *flags = map_lookup(&processes, &process);
	return flags ? *flags : 0;
}

INLINE void count_lost(void)
{
	u32 zero = 0;
	u64 *count = map_lookup(&lost, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
}

INLINE u8 *gap_of(struct known *known, u32 direction)
{
	return &known->gap[direction == CHUNK_OUT];
}

/* Programs that are called for a call's bytes, by their places. */
enum { AT_PIECES, AT_SERVING, AT_SERVING_HEAD, AT_SERVING_END };
