/*
 * What a program of this folder needs of the kernel: integer types, helper functions by number (include/uapi/linux/bpf.h) and the
 * declaration of a map. Nothing of the kernel's own structures is known here: the loader says where what is read of them
 * stands. So an object runs on every kernel that has its helpers, and clang alone builds it.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define PROGRAM(name) __attribute__((section("program/" name), used))
#define TRACEPOINT(name) __attribute__((section("tracepoint/" name), used))
#define SOCKET_OPERATIONS(name) __attribute__((section("sockops/" name), used))
#define SOCKET_MESSAGE(name) __attribute__((section("sk_msg/" name), used))
#define MAP __attribute__((section("maps"), used))
#define INLINE static inline __attribute__((always_inline))

enum map_type { MAP_HASH = 1, MAP_ARRAY = 2, MAP_PROGRAMS = 3, MAP_PER_CPU_ARRAY = 6, MAP_LRU_HASH = 9, MAP_RING_BUFFER = 27 };

/* Read by the loader (src/instrument/ebpf/kernel/object.ts) in this order. */
struct map {
	u32 type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 flags;
};

struct namespace_pid {
	u32 thread;
	u32 process;
};

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const map_delete)(void *map, const void *key) = (void *)3;
static u64 (*const monotonic_ns)(void) = (void *)5;
static u32 (*const random_u32)(void) = (void *)7;
static long (*const tail_call)(void *context, void *programs, u32 index) = (void *)12;
static u64 (*const current_pid_tgid)(void) = (void *)14;
static u64 (*const current_task)(void) = (void *)35;
static long (*const read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const namespace_pid_tgid)(u64 dev, u64 ino, struct namespace_pid *to, u32 size) = (void *)120;
static long (*const ring_buffer_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*const ring_buffer_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*const ring_buffer_submit)(void *data, u64 flags) = (void *)132;

INLINE void random_bytes(u8 *to, u32 words)
{
	for (u32 i = 0; i < words; i++) {
		u32 random = random_u32();
		__builtin_memcpy(to + 4 * i, &random, 4);
	}
}
