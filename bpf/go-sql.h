/* database/sql. */
#pragma once
#include "go-context.h"

INLINE struct sql_span *sql_start(struct goroutine *key, struct offsets *offsets)
{
	struct sql_span *span = fresh(&sql_spans, &blank_sql, key);
	if (span)
		begin(&span->head, SPAN_SQL, key, context_of(key, offsets));
	return span;
}

INLINE void sql_end(struct goroutine *key, u64 error)
{
	struct sql_span *span = map_lookup(&sql_spans, key);
	if (!span)
		return;
	span->head.failed = error != 0;
	u64 length = span->text_length;
	asm volatile("" : "+r"(length));
	if (length > sizeof(span->text))
		length = sizeof(span->text);
	send(&span->head, sizeof(*span) - sizeof(span->text) + length);
	map_delete(&sql_spans, key);
}

/* database/sql.(*DB).queryDC(ctx, txctx, dc, releaseConn, query, args) (*Rows, error) */
REQUEST_PROGRAM(14, sql_query_start)
{
	struct sql_span *span = sql_start(key, offsets);
	if (span)
		span->text_length = read_bytes(span->text, sizeof(span->text), WORD_7(at), WORD_8(at));
}

/* database/sql.(*DB).execDC(ctx, dc, release, query, args) (Result, error) */
REQUEST_PROGRAM(15, sql_exec_start)
{
	struct sql_span *span = sql_start(key, offsets);
	if (span)
		span->text_length = read_bytes(span->text, sizeof(span->text), WORD_5(at), WORD_6(at));
}

/* database/sql.(*Stmt).QueryContext(ctx, args) (*Rows, error) and ExecContext(ctx, args) (Result, error) */
REQUEST_PROGRAM(16, sql_statement_start)
{
	struct sql_span *span = sql_start(key, offsets);
	if (span)
		span->text_length = read_string(span->text, sizeof(span->text), WORD_0(at) + offsets->statement_query);
}

GO_PROGRAM(sql_query_end)
{
	sql_end(key, WORD_1(at));
}

GO_PROGRAM(sql_exec_end)
{
	sql_end(key, WORD_2(at));
}
