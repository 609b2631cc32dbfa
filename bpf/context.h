/*
 * The trace context of requests that observed processes answer and send: decided here, at the first byte, because a request that is sent can carry
 * only what is known as it leaves; told to src/instrument/ebpf/syscalls, whose spans have the same ids. Shared by syscalls.bpf.c, which sees
 * what is read and answered, and context.bpf.c, which sees what is sent (src/instrument/ebpf/sent-context.ts lets both have the same maps).
 */
#pragma once
#include "chunk.h"

/* Values of `processes`. */
enum {
	OBSERVED = 1,
	PROPAGATES = 2,
	UNCLEAR = 4, /* which of its threads works for which request cannot be known */
	KEEPS = 8,   /* it does not ask how many bytes are ready to be read */
	STEADY = 16, /* what is done for a request is done in the thread that reads it, or in one that reads none */
};

struct connection {
	u32 process;
	u32 descriptor;
};

/* A call under way. */
struct call {
	u64 time_ns;
	u64 address; /* of the bytes, or of the first of `vectors` */
	u64 vectors; /* 0: `address` is of bytes */
	u32 process;
	u32 descriptor;
	u32 direction;
	u32 unseen; /* 1: the bytes never were in the process's memory */
	u32 gap;    /* 1: bytes of the connection before these were lost */
	u64 to;     /* the socket address that they are sent to; 0 where the socket is connected */
	u64 messages; /* the first of several messages, each with vectors of its own */
	u64 sock; /* of TCP; 0: not known */
	u64 began_ns;
	u64 ended_ns;
	u32 in_tls; /* 1: the thread is within a call of OpenSSL */
	u32 unsent; /* 1: TCP has not sent all yet */
	u64 propagates; /* 1: of a process whose requests carry their context */
};

/* Requests that a thread has read, and whose answers have not ended. */
struct server_thread {
	/* Those whose answers have not begun and whose ids are known, and the sum of their descriptors: of one alone it is the descriptor. */
	u64 open;
	u64 descriptors;
	/* Others: whether they are still under way, or whose they are, is known to the tracer only. */
	u64 others;
	/* 1: it answers over TLS. */
	u64 unclear;
	/* When a connection ended last whose request had no answer yet; 0 for never. */
	u64 abandoned_ns;
};

/* For so long after that the thread may still work for that request, though another one is the only one left. */
#define ABANDONED_NS 60000000000

enum served_state { SERVED_OPEN, SERVED_OTHER };

/* The last request over a connection. */
struct served {
	u64 thread;
	u64 file;
	u64 left; /* bytes of its answer; NOT_KNOWN when they are not told, NOT_BEGUN before the first */
	u32 state;
	u32 without_body;
	struct context context;
};

#define NOT_KNOWN 0xffffffffffffffff
#define NOT_BEGUN 0xfffffffffffffffe

MAP struct map processes = { MAP_HASH, 4, 4, 4096, 0 };
MAP struct map calls = { MAP_LRU_HASH, 8, sizeof(struct call), 16384, 0 };
/* By kernel's number. One that was forgotten would be taken for one without requests: they leave as they end, and when there is no room nothing is inserted. */
MAP struct map server_threads = { MAP_HASH, 8, sizeof(struct server_thread), 65536, 0 };
MAP struct map served = { MAP_LRU_HASH, sizeof(struct connection), sizeof(struct served), 65536, 0 };
/* By process: the first thread that has read a request. */
MAP struct map readers = { MAP_LRU_HASH, 4, 8, 4096, 0 };

struct opener {
	u64 since_ns;
	u64 process;
};

/* Tasks that are about to connect. */
MAP struct map openers = { MAP_LRU_HASH, 8, sizeof(struct opener), 8192, 0 };
/* By thread: the context that its write under way was given. */
MAP struct map sent_contexts = { MAP_LRU_HASH, 8, sizeof(struct context), 16384, 0 };
