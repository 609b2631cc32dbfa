/* github.com/redis/go-redis/v9. */
#pragma once
#include "go-database.h"

/* struct redis.Options: network, address. */
#define OPTIONS_ADDRESS 16
/* struct redis.baseCmd, with which all commands begin: a context, its words as interfaces. */
#define COMMAND_WORDS 16

/* The options are the client's first field, or its second: they begin with "tcp" or "unix". */
INLINE void redis_address(struct database_span *span, u64 client)
{
	for (u32 field = 0; field < 2 && !span->host_length; field++) {
		u64 options = read_word(client + field * 8), network[2] = {};
		u32 name = 0;
		if (!options || read_user(network, sizeof(network), (void *)options) || network[1] < 3 || network[1] > 4)
			continue;
		read_user(&name, network[1], (void *)network[0]);
		if (name == 0x706374 /* tcp */ || name == 0x78696e75 /* unix */)
			span->host_length = read_string(span->host, sizeof(span->host), options + OPTIONS_ADDRESS);
	}
}

/* (*baseClient).process(ctx, Cmder) error, and what it is made of in later versions. */
REQUEST_PROGRAM(10, redis_command_start)
{
	struct goroutine call = call_of(at, key);
	struct database_span *span = database_start(&call, key, offsets, CALL_COMMAND);
	if (!span)
		return;
	redis_address(span, WORD_0(at));
	u64 words[2] = {}, first[2] = {};
	read_user(words, sizeof(words), (void *)(WORD_4(at) + COMMAND_WORDS));
	span->count = words[1];
	if (words[1] && !read_user(first, sizeof(first), (void *)words[0]))
		span->text_length = read_string(span->text, sizeof(span->text), first[1]);
}

INLINE void redis_several(struct registers *at, struct goroutine *key, struct offsets *offsets, u32 kind)
{
	struct goroutine call = call_of(at, key);
	struct database_span *span = database_start(&call, key, offsets, kind);
	if (!span)
		return;
	redis_address(span, WORD_0(at));
	span->count = WORD_4(at);
}

/* (*baseClient).processPipeline(ctx, []Cmder) error, also of *ClusterClient. */
REQUEST_PROGRAM(11, redis_pipeline_start)
{
	redis_several(at, key, offsets, CALL_PIPELINE);
}

/* (*baseClient).processTxPipeline(ctx, []Cmder) error, also of *ClusterClient. */
REQUEST_PROGRAM(12, redis_transaction_start)
{
	redis_several(at, key, offsets, CALL_TRANSACTION);
}

GO_PROGRAM(redis_end)
{
	struct goroutine call = call_of(at, key);
	struct database_span *span = map_lookup(&database_spans, &call);
	if (!span)
		return;
	span->head.failed = WORD_0(at) != 0;
	/* What the server answers is a string, or a pointer to a struct that begins with one. */
	if (span->head.failed)
		span->code_length = read_string(span->code, sizeof(span->code), WORD_1(at));
	database_end(&call);
}
