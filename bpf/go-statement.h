/*
 * What a goroutine inherits, where the statements are watched that make goroutines: not at the making itself, which runs for each request's background
 * reader too. At a statement the new goroutine is not there yet; its number is the next of the processor's (runtime.newproc1), and it remembers
 * the number of the goroutine that made it, and behind which instruction (runtime.g.parentGoid, gopc). Part of go-context.h.
 */

/* Numbers are given to processors in dozens, about in order; of two so far apart the elder is not waited for. */
#define PROMISES 32768
#define NEAR_NUMBERS 16384

/* Of the goroutine with a number whose place this is. */
struct promise {
	u64 process;
	u64 number;
	u64 parent;
	struct span_context context;
};

struct statement {
	u64 process;
	u64 parent;
	u64 behind;
};

MAP struct map promises = { MAP_ARRAY, 4, sizeof(struct promise), PROMISES, 0 };
/* The last of each statement of each goroutine, for what got another number after all: another one was made between, or it was moved to another processor. */
MAP struct map statements = { MAP_LRU_HASH, sizeof(struct statement), sizeof(struct promise), PAIRS, 0 };

/* The number of the goroutine that is made next where `parent` runs, most probably; 0 when that cannot be told. */
INLINE u64 next_number(struct goroutine *parent, struct offsets *offsets)
{
	u64 numbers[2] = {}; /* The next one, and the end of those that the processor has. */
	u64 processor = read_word(read_word(parent->address + offsets->goroutine_machine) + offsets->machine_processor);
	if (read_user(numbers, sizeof(numbers), (void *)(processor + offsets->processor_numbers)))
		return 0;
	if (numbers[0] != numbers[1])
		return numbers[0];
	u64 last = (u64)offsets->last_number[1] << 32 | offsets->last_number[0];
	return last ? read_word(last) + 1 : numbers[1];
}

/* What the statement promised that made the goroutine `key` of this number; 0 for nothing. */
INLINE struct span_context *promised_context(struct goroutine *key, u64 number, struct offsets *offsets)
{
	u64 made[2] = {}; /* By which goroutine, and behind which instruction. */
	if (read_user(made, sizeof(made), (void *)(key->address + offsets->goroutine_parent)))
		return 0;
	u32 place = number & (PROMISES - 1);
	struct promise *promise = map_lookup(&promises, &place);
	if (!promise || promise->number != number || promise->process != key->process || promise->parent != made[0]) {
		struct statement statement = { key->process, made[0], made[1] };
		promise = map_lookup(&statements, &statement);
		if (!promise || promise->number - number + NEAR_NUMBERS > 2 * NEAR_NUMBERS)
			return 0;
	}
	return promise->context.holds ? &promise->context : 0;
}
