/* Servers and clients of google.golang.org/grpc. */
#pragma once
#include "go-rpc-outgoing.h"

#define CONTEXTS 2
/* struct grpc.ClientConn: a context, its cancel function, the target as the program gave it. */
#define CONNECTION_TARGET 24
/* struct grpc.StreamDesc: name, handler, two flags that say which side streams. */
#define DESCRIPTION_STREAMS 24
/* google.rpc.Status as protoc-gen-go lays it out. */
#define STATUS_CODE 40

/* One more than the code at a *status.Status; nil means OK. */
INLINE u32 rpc_status(u64 status)
{
	u64 message = status ? read_word(status) : 0;
	u32 code = 0;
	if (message && read_user(&code, 4, (void *)(message + STATUS_CODE)))
		return 0;
	return code + 1;
}

/*
 * The caller by the metadata of a request. The outermost of the stream's contexts holds it (context.valueCtx: parent, key, value; an interface each),
 * or the one below.
 */
INLINE u32 read_metadata(struct span_context *caller, u32 layout, u64 context, void *room)
{
	for (u32 i = 0; i < CONTEXTS && layout; i++) {
		u64 words[6] = {};
		if (read_user(words, sizeof(words), (void *)context))
			return 0;
		if (words[5] && read_header(caller, layout, words[5], room))
			return 1;
		context = words[1];
	}
	return 0;
}

/* google.golang.org/grpc.(*Server).handleStream(transport, stream) */
GO_PROGRAM(rpc_server_start)
{
	u64 stream = WORD_3(at);
	char slash = 0;
	if (offsets->rpc_indirect)
		stream = read_word(stream);
	/* Anything else is no method: the stream is not laid out as expected. */
	if (read_user(&slash, 1, (void *)read_word(stream + offsets->rpc_method)) || slash != '/')
		return;
	struct rpc_span *span = fresh(&rpc_server_spans, &blank_rpc, key);
	if (!span)
		return;
	struct span_context caller = {};
	u64 context = read_word(stream + offsets->rpc_context + 8);
	begin(&span->head, SPAN_RPC_SERVER, key, read_metadata(&caller, offsets->header_layout, context, span->method) ? &caller : 0);
	span->method_length = read_string(span->method, sizeof(span->method), stream + offsets->rpc_method);
	enter(key, &span->head, offsets);
}

/* (*http2Server).WriteStatus(stream, status) and (*serverHandlerTransport).WriteStatus, also spelt writeStatus. */
GO_PROGRAM(rpc_server_status)
{
	struct rpc_span *span = map_lookup(&rpc_server_spans, key);
	if (span && !span->head.status)
		span->head.status = rpc_status(WORD_2(at));
}

/* Behind the call of handleStream, or at its returns. */
GO_PROGRAM(rpc_server_end)
{
	struct rpc_span *span = map_lookup(&rpc_server_spans, key);
	if (!span)
		return;
	/* The connection broke before a status could be written. */
	span->head.failed = !span->head.status;
	send(&span->head, sizeof(*span));
	map_delete(&rpc_server_spans, key);
	leave(key, offsets);
}

/* google.golang.org/grpc.newClientStream(context, *StreamDesc, *ClientConn, method string, ...), with which every call begins. */
REQUEST_PROGRAM(13, rpc_client_start)
{
	struct rpc_span *span = fresh(&rpc_client_spans, &blank_rpc, key);
	if (!span)
		return;
	begin(&span->head, SPAN_RPC_CLIENT, key, context_of(key, offsets));
	span->method_length = read_bytes(span->method, sizeof(span->method), WORD_4(at), WORD_5(at));
	span->target_length = read_string(span->target, sizeof(span->target), WORD_3(at) + CONNECTION_TARGET);
	rpc_call_begins(key, &span->head, offsets);
	u16 streams = 0;
	read_user(&streams, 2, (void *)(WORD_2(at) + DESCRIPTION_STREAMS));
	span->is_stream = streams != 0;
}

/* Of a stream its own address is the key from here on. */
INLINE void rpc_is_stream(struct goroutine *key, u64 stream)
{
	struct rpc_span *span = map_lookup(&rpc_client_spans, key);
	struct goroutine by_stream = { stream, key->process };
	if (!span || !span->is_stream)
		return;
	map_update(&rpc_client_spans, &by_stream, span, 0);
	map_delete(&rpc_client_spans, key);
}

INLINE void rpc_client_end(struct goroutine *key, u64 error, u64 value)
{
	struct rpc_span *span = map_lookup(&rpc_client_spans, key);
	if (!span)
		return;
	/* All errors that leave the library are *status.Error, which begins with the status. */
	span->head.status = rpc_status(error ? read_word(value) : 0);
	/* Save EOF, which ends a stream that went well. */
	if (!span->head.status || span->head.status > 17)
		span->head.status = 1;
	send(&span->head, sizeof(*span));
	map_delete(&rpc_client_spans, key);
}

/* google.golang.org/grpc.(*clientStream).newAttemptLocked() */
GO_PROGRAM(rpc_client_attempt)
{
	rpc_is_stream(key, WORD_0(at));
}

/* google.golang.org/grpc.(*clientStream).finish(error), in whichever goroutine. */
GO_PROGRAM(rpc_client_finish)
{
	struct goroutine by_stream = { WORD_0(at), key->process };
	rpc_client_end(&by_stream, WORD_1(at), WORD_2(at));
	rpc_client_end(key, WORD_1(at), WORD_2(at));
}

/* google.golang.org/grpc.endOfClientStream(connection, error, ...): also of calls that came to no stream. */
GO_PROGRAM(rpc_client_over)
{
	rpc_client_end(key, WORD_1(at), WORD_2(at));
}

/* Returns of newClientStream: (ClientStream, error), where there is no endOfClientStream. */
GO_PROGRAM(rpc_client_made)
{
	if (WORD_2(at))
		rpc_client_end(key, WORD_2(at), WORD_3(at));
	else
		rpc_is_stream(key, WORD_1(at));
}
