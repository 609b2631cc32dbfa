/* Notes which request of a net/http client goes over which connection, so that outgoing.bpf.c can give it the trace context of its span. */
#pragma once
#include "go-context.h"

/* net/http.persistConn -> the span of the request that is about to be written to it. */
MAP struct map connection_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), 4096, 0 };

/* Whether the program sends one by itself. */
INLINE u32 has_traceparent(u64 header, struct offsets *offsets)
{
	u64 room[GROUP_BYTES / 8], lines[2] = {};
	return find_header(lines, offsets->header_layout, header, room) && lines[1] > 0;
}

/* net/http.(*persistConn).roundTrip(*transportRequest), in the goroutine of the caller. */
GO_PROGRAM(client_connection)
{
	struct http_call *call = map_lookup(&client_spans, key);
	/* What is encrypted is so before it reaches the socket. */
	if (!call || call->span.head.secure || !offsets->propagates)
		return;
	if (has_traceparent(read_word(read_word(WORD_1(at)) + offsets->request_header), offsets))
		return;
	struct span_context context = { .sampled = call->span.head.sampled };
	__builtin_memcpy(context.trace_id, call->span.head.trace_id, 16);
	__builtin_memcpy(context.span_id, call->span.head.span_id, 8);
	struct goroutine connection = { WORD_0(at), key->process };
	map_update(&connection_spans, &connection, &context, 0);
}

/* net/http.persistConnWriter.Write(bytes), in the connection's own goroutine: the request begins with the first that it writes. */
GO_PROGRAM(client_write)
{
	struct goroutine connection = { WORD_0(at), key->process };
	struct span_context *context = map_lookup(&connection_spans, &connection);
	if (!context)
		return;
	struct goroutine writer = writer_of(key->address);
	struct outgoing request = {};
	write_header(request.header, CAPITAL_NAME, context->trace_id, context->span_id, context->sampled);
	if (WORD_2(at) >= HEAD_BYTES && !read_user(request.head, HEAD_BYTES, (void *)WORD_1(at)))
		map_update(&outgoing_requests, &writer, &request, 0);
	map_delete(&connection_spans, &connection);
}
