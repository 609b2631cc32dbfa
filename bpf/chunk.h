/*
 * What one system call moved over a connection, as it goes through the ring buffer; src/instrument/ebpf/syscalls/chunk.ts reads the
 * same offsets. Only a chunk that begins a message carries its first bytes.
 */
#pragma once
#include "kernel.h"

enum direction { CHUNK_IN = 1, CHUNK_OUT = 2, CHUNK_CLOSE = 3 };

#define CAPTURED 1024
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
}; /* 40 */

struct chunk {
	struct chunk_head head;
	u8 data[CAPTURED];
}; /* 1064 */
