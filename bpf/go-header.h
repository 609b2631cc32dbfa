/*
 * Reads the traceparent of a request from its header, a map[string][]string, where the program has it: at most 128 slots of groups, or 192 of buckets, which
 * fill less evenly and stand twice while a map grows; that is more headers than any client sends. Keys are in canonical form, "Traceparent", or those of gRPC, in lower case.
 */
#pragma once
#include "kernel.h"
#include "span.h"

/* Value of field `header_layout` of struct offsets: how the program's Go lays out maps. Of others no header is read. */
enum header_layout { HEADER_BUCKETS = 1, HEADER_GROUPS = 2 };

/* Of a loop: code that was not run for a while has to come from afar, each line of it. */
#define ROLLED _Pragma("clang loop unroll(disable)")

#define SLOTS 8
#define MOST_GROUPS 16
#define MOST_BUCKETS 24
#define KEY_BYTES 16 /* string: pointer, length */
#define VALUE_BYTES 24 /* slice: pointer, length, capacity */
#define BUCKET_BYTES (SLOTS + SLOTS * (KEY_BYTES + VALUE_BYTES) + 8)

INLINE u64 read_word(u64 at)
{
	u64 word = 0;
	read_user(&word, sizeof(word), (void *)at);
	return word;
}

INLINE u32 is_traceparent_name(u64 text, u64 length)
{
	u64 name[2] = {};
	if (length != 11 || read_user(name, 11, (void *)text))
		return 0;
	return (name[0] | 32) == 0x7261706563617274 /* tracepar */ && name[1] == 0x746e65 /* ent */;
}

INLINE u32 is_traceparent(u64 key)
{
	u64 text[2] = {};
	return !read_user(text, sizeof(text), (void *)key) && is_traceparent_name(text[0], text[1]);
}

struct header_group {
	u64 control;
	struct {
		u64 key[2];
		u64 value[3];
	} slots[SLOTS];
};

/* Without the last capacity, which nobody needs. */
#define GROUP_BYTES (sizeof(struct header_group) - 8)

/*
 * Go 1.24 and newer (internal/runtime/maps): groups of a control word, whose bytes have the highest bit set when their slot is empty, and of eight
 * slots. A small map is one group; others have a directory of tables, of which the first holds as many entries as are looked at. A group is read at once:
 * many bytes take as long as few.
 */
INLINE u32 find_in_groups(struct header_group *group, u64 *lines, u64 map)
{
	u64 words[2] = {}, table[2] = {}, count = 1;
	if (read_user(words, sizeof(words), (void *)(map + 16)))
		return 0;
	u64 groups = words[0];
	if (words[1]) {
		if (read_user(table, sizeof(table), (void *)(read_word(groups) + 16)))
			return 0;
		groups = table[0];
		count = table[1] + 1;
	}
	for (u32 i = 0; i < MOST_GROUPS && i < count; i++) {
		if (read_user(group, GROUP_BYTES, (void *)(groups + i * sizeof(*group))))
			return 0;
ROLLED
		for (u32 slot = 0; slot < SLOTS; slot++) {
			if (group->control & 128ULL << 8 * slot || !is_traceparent_name(group->slots[slot].key[0], group->slots[slot].key[1]))
				continue;
			lines[0] = group->slots[slot].value[0];
			lines[1] = group->slots[slot].value[1];
			return 1;
		}
	}
	return 0;
}

/*
 * Where one is among the buckets. It is kept in memory of which the kernel's check knows nothing: else each way to come to a bucket is a case of its own for
 * all that follows.
 */
struct bucket_walk {
	u64 bucket;
	u64 array;
	/* Buckets of the array from there on. */
	u64 left;
	/* Those of the time before the map grew, and their number. */
	u64 old;
	u64 before;
};

/*
 * Go up to 1.23 (runtime/map.go): buckets of eight bytes that say which slots are used, eight keys, eight values and the address of a further bucket.
 * While a map grows, what was not moved yet stands in the old array. More slots are looked at than in groups: chance fills some buckets beyond their
 * eight, and each of those has a further bucket, in which most slots are empty.
 */
INLINE u32 find_in_buckets(volatile struct bucket_walk *walk, u64 *lines, u64 map)
{
	u64 state = read_word(map + 8), count = 1ULL << (state >> 8 & 31);
	walk->bucket = walk->array = read_word(map + 16);
	walk->left = count;
	walk->old = read_word(map + 24);
	walk->before = state & 8 ? count : count / 2;
	for (u32 i = 0; i < MOST_BUCKETS; i++) {
		u64 used = 0;
		if (read_user(&used, sizeof(used), (void *)walk->bucket))
			return 0;
		u64 key = walk->bucket + SLOTS, value = key + SLOTS * KEY_BYTES;
ROLLED
		for (u32 slot = 0; slot < SLOTS; slot++) {
			/* Smaller values mean empty, or moved to the new array. */
			if ((used & 255) >= 5 && is_traceparent(key))
				return !read_user(lines, 2 * sizeof(*lines), (void *)value);
			used >>= 8;
			key += KEY_BYTES;
			value += VALUE_BYTES;
		}
		walk->bucket = read_word(value);
		if (walk->bucket)
			continue;
		walk->array += BUCKET_BYTES;
		if (--walk->left == 0) {
			if (!walk->old)
				return 0;
			walk->array = walk->old;
			walk->left = walk->before;
			walk->old = 0;
		}
		walk->bucket = walk->array;
	}
	return 0;
}

#define EACH_BYTE(value) (0x0101010101010101ULL * (value))

/* Four bytes of eight digits of lower case hexadecimal, all at once; `bad` gets bits when some are no such digits. */
INLINE u32 from_hex(u64 digits, u64 *bad)
{
	/* Letters have bit 6 and begin with "a" = 0x61. */
	u64 values = (digits & EACH_BYTE(15)) + (digits >> 6 & EACH_BYTE(1)) * 9;
	/* They must be below 16, and written again the same. */
	u64 letters = (values + EACH_BYTE(6)) >> 4 & EACH_BYTE(1);
	*bad |= (values & EACH_BYTE(0xf0)) | ((values + EACH_BYTE('0') + letters * ('a' - '0' - 10)) ^ digits);
	values = (values << 4 | values >> 8) & 0x00ff00ff00ff00ff;
	values = (values | values >> 8) & 0x0000ffff0000ffff;
	return values | values >> 16;
}

/* Where "00-TRACE-SPAN-FLAGS" is kept, so that its trace begins a word. */
#define VALUE_AT 5

/* The value of a traceparent header; versions to come may add more after another "-". 0 when it is none. */
INLINE u32 read_traceparent(struct span_context *context, u64 text, u64 length)
{
	u64 words[8] = {};
	char *value = (char *)words + VALUE_AT;
	if (length < 55 || read_user(value, 55, (void *)text))
		return 0;
	if (length > 55 && (read_user(value + 55, 1, (void *)(text + 55)) || value[55] != '-' || (value[0] == '0' && value[1] == '0')))
		return 0;
	if (value[2] != '-' || value[35] != '-' || value[52] != '-' || (value[0] == 'f' && value[1] == 'f'))
		return 0;
	u32 ids[6];
	u64 bad = 0;
	/* The digits of the span begin one behind a word. */
	words[5] = words[5] >> 8 | words[6] << 56;
	words[6] = words[6] >> 8 | words[7] << 56;
ROLLED
	for (u32 i = 0; i < 6; i++)
		ids[i] = from_hex(words[1 + i], &bad);
	if (bad || !(ids[0] | ids[1] | ids[2] | ids[3]) || !(ids[4] | ids[5]))
		return 0;
	u8 flags = value[54];
	__builtin_memcpy(context->trace_id, ids, 16);
	__builtin_memcpy(context->span_id, ids + 4, 8);
	/* The last bit of the flags: "1" and "b" are odd, "a" is even. */
	context->sampled = (flags < 'a' ? flags : flags + 1) & 1;
	return 1;
}

/* The lines of traceparent, address and number, of the header at `map`; 0 when it has none. `room` is for GROUP_BYTES that are read on the way. */
INLINE u32 find_header(u64 *lines, u32 layout, u64 map, void *room)
{
	return layout == HEADER_GROUPS ? find_in_groups(room, lines, map) : find_in_buckets(room, lines, map);
}

/* The caller's span by the header at `map`; 0 when it says none, or more than one. */
INLINE u32 read_header(struct span_context *context, u32 layout, u64 map, void *room)
{
	u64 lines[2] = {}, text[2] = {};
	if (!find_header(lines, layout, map, room) || lines[1] != 1)
		return 0;
	if (read_user(text, sizeof(text), (void *)lines[0]))
		return 0;
	return read_traceparent(context, text[0], text[1]);
}
