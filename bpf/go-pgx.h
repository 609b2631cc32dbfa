/* github.com/jackc/pgx/v5, of which the layouts are the same from 5.0 to 5.13 where nothing else is said. */
#pragma once
#include "go-database.h"

/* struct pgx.Conn: its connection, its configuration, which begins with host, port and database. */
#define CONNECTION_CONFIG 8
#define CONFIG_PORT 16
#define CONFIG_DATABASE 24
/* struct pgx.baseRows */
#define ROWS_ERROR 56
#define ROWS_STATEMENT 216
/* struct pgx.Batch begins with a slice of its statements. */
#define BATCH_LENGTH 8
/* struct pgconn.PgError: severity, code; since 5.7 with another severity between. */
#define CODE_BYTES 5

/* Call that ends rows or a batch -> these. */
MAP struct map closing = { MAP_LRU_HASH, sizeof(struct goroutine), 8, 4096, 0 };

INLINE struct database_span *pgx_begin(struct registers *at, struct goroutine *key, struct offsets *offsets, u32 kind)
{
	/* database/sql has told of it already. */
	if (map_lookup(&sql_spans, key))
		return 0;
	struct goroutine call = call_of(at, key);
	struct database_span *span = database_start(&call, key, offsets, kind);
	if (!span)
		return 0;
	u64 config = read_word(WORD_0(at) + CONNECTION_CONFIG);
	span->host_length = read_string(span->host, sizeof(span->host), config);
	read_user(&span->port, sizeof(span->port), (void *)(config + CONFIG_PORT));
	span->namespace_length = read_string(span->namespace, sizeof(span->namespace), config + CONFIG_DATABASE);
	return span;
}

/* The error is a *pgconn.PgError, or has one inside as a *pgconn.PrepareError does; any other has no code at these places. */
INLINE void pgx_failed(struct database_span *span, u64 error)
{
	span->head.failed = 1;
	for (u32 depth = 0; depth < 2 && !span->code_length; depth++) {
		u64 words[6] = {};
		if (read_user(words, sizeof(words), (void *)error))
			return;
		if (words[5] == CODE_BYTES)
			span->code_length = read_bytes(span->code, sizeof(span->code), words[4], CODE_BYTES);
		else if (words[3] == CODE_BYTES)
			span->code_length = read_bytes(span->code, sizeof(span->code), words[2], CODE_BYTES);
		error = words[1];
	}
}

INLINE void pgx_end(struct goroutine *call, u64 is_error, u64 error)
{
	struct database_span *span = map_lookup(&database_spans, call);
	if (!span)
		return;
	if (is_error)
		pgx_failed(span, error);
	database_end(call);
}

/* From now on the call's span is found by what it gave back. */
INLINE void pgx_lasts(struct goroutine *call, struct database_span *span, u64 result)
{
	struct goroutine by_result = { result, call->process & 0xffffffff };
	map_update(&database_spans, &by_result, span, 0);
	map_delete(&database_spans, call);
}

/* github.com/jackc/pgx/v5.(*Conn).Exec(ctx, sql, arguments) (CommandTag, error), (*Conn).Query(ctx, sql, arguments) (Rows, error) */
REQUEST_PROGRAM(7, pgx_statement_start)
{
	u64 text = WORD_3(at), length = WORD_4(at), begins = 0;
	/* How pgx asks whether a connection lives: ";", "-- ping". */
	if (length == 1 || (length == 7 && !read_user(&begins, 7, (void *)text) && begins == 0x676e6970202d2d))
		return;
	struct database_span *span = pgx_begin(at, key, offsets, CALL_STATEMENT);
	if (span)
		span->text_length = read_bytes(span->text, sizeof(span->text), text, length);
}

GO_PROGRAM(pgx_exec_end)
{
	struct goroutine call = call_of(at, key);
	pgx_end(&call, WORD_2(at), WORD_3(at));
}

GO_PROGRAM(pgx_query_end)
{
	struct goroutine call = call_of(at, key);
	struct database_span *span = map_lookup(&database_spans, &call);
	if (!span)
		return;
	if (WORD_2(at)) {
		pgx_end(&call, WORD_2(at), WORD_3(at));
		return;
	}
	u64 rows = WORD_1(at), text[2] = {};
	/* A prepared statement may have been given by its name. */
	if (!read_user(text, sizeof(text), (void *)(rows + ROWS_STATEMENT)) && text[1])
		span->text_length = read_bytes(span->text, sizeof(span->text), text[0], text[1]);
	pgx_lasts(&call, span, rows);
}

/* Entries of (*baseRows).Close(), (*batchResults).Close() error and (*pipelineBatchResults).Close() error */
GO_PROGRAM(pgx_close)
{
	struct goroutine by_result = { WORD_0(at), key->process }, call = call_of(at, key);
	if (map_lookup(&database_spans, &by_result))
		map_update(&closing, &call, &by_result.address, 0);
}

GO_PROGRAM(pgx_rows_closed)
{
	struct goroutine call = call_of(at, key), by_result = { 0, key->process };
	u64 *rows = map_lookup(&closing, &call), error[2] = {};
	if (!rows)
		return;
	by_result.address = *rows;
	map_delete(&closing, &call);
	read_user(error, sizeof(error), (void *)(by_result.address + ROWS_ERROR));
	pgx_end(&by_result, error[0], error[1]);
}

/* (*Conn).sendBatch(ctx, *Batch) BatchResults, before 5.12 SendBatch */
REQUEST_PROGRAM(8, pgx_batch_start)
{
	struct database_span *span = pgx_begin(at, key, offsets, CALL_BATCH);
	if (span)
		span->count = read_word(WORD_3(at) + BATCH_LENGTH);
}

GO_PROGRAM(pgx_batch_sent)
{
	struct goroutine call = call_of(at, key);
	struct database_span *span = map_lookup(&database_spans, &call);
	if (span)
		pgx_lasts(&call, span, WORD_1(at));
}

GO_PROGRAM(pgx_batch_closed)
{
	struct goroutine call = call_of(at, key), by_result = { 0, key->process };
	u64 *batch = map_lookup(&closing, &call);
	if (!batch)
		return;
	by_result.address = *batch;
	map_delete(&closing, &call);
	pgx_end(&by_result, WORD_0(at), WORD_1(at));
}

/* (*Conn).CopyFrom(ctx, Identifier, columns, rows) (int64, error); an identifier is a slice of names. */
REQUEST_PROGRAM(9, pgx_copy_start)
{
	u64 names = WORD_4(at);
	struct database_span *span = pgx_begin(at, key, offsets, CALL_COPY);
	if (span && names)
		span->text_length = read_string(span->text, sizeof(span->text), WORD_3(at) + (names - 1) * 16);
}

GO_PROGRAM(pgx_copy_end)
{
	struct goroutine call = call_of(at, key);
	pgx_end(&call, WORD_1(at), WORD_2(at));
}
