/* net/http servers and clients. */
#pragma once
#include "go-context.h"

/* Looks at the request that call->next answers, in the goroutine of its connection; then the program goes on that asked. */
PROGRAM("sees_request/0")
int sees_request(struct registers *at)
{
	struct offsets *offsets = 0;
	struct goroutine key = { GOROUTINE(at), traced_process(&offsets) };
	struct http_call *call = key.process ? served_by(&key) : 0;
	if (!call)
		return 0;
	see(call, monotonic_ns(), offsets, &key);
	if (call->again)
		tail_call(at, &programs, call->again);
	return 0;
}

/* The goroutine answers this request. `connection`: whose goroutine it is, where its next ones shall be seen without a stop. */
INLINE void start_serving(void *at, struct goroutine *key, u64 response, u64 request, u64 connection)
{
	struct http_call *call = served_by(key);
	if (!call)
		call = begin_serving(key);
	/* Seen already when the stack had to grow, or at another stop. */
	if (!call || (call->span.head.kind && call->response == response && call->request == request))
		return;
	if (connection)
		call->connection = connection;
	call->next = response;
	call->next_request = request;
	call->again = 0;
	tail_call(at, &programs, SEES_REQUEST);
}

/*
 * net/http.serverHandler.ServeHTTP(handler, ResponseWriter, *Request): where requests are not seen by their connections, and of connections that were
 * open before the program was traced.
 */
GO_PROGRAM(server_start)
{
	u64 response = WORD_2(at), connection = 0;
	if (offsets->connection_answer) {
		connection = read_word(response + CONNECTION_OF_ANSWER);
		if (read_word(connection + offsets->connection_answer) != response)
			connection = 0;
	}
	start_serving(at, key, response, WORD_3(at), connection);
}

/* net/http.(*http2serverConn).runHandler(connection, ResponseWriter, *Request, handler), in a goroutine of its own */
GO_PROGRAM(server_stream_start)
{
	start_serving(at, key, WORD_1(at), WORD_2(at), 0);
}

/* net/http.(*conn).serve(connection, Context) */
GO_PROGRAM(server_connection)
{
	struct http_call *call = served_by(key);
	if (call)
		restart(call);
	else
		call = begin_serving(key);
	if (!call || !offsets->connection_answer)
		return;
	call->connection = WORD_0(at);
	meet_kind(call, key);
}

/* The request that this goroutine answers; 0 when it is between two. */
INLINE struct http_call *answered(struct goroutine *key)
{
	struct http_call *call = served_by(key);
	return call && call->span.head.kind ? call : 0;
}

INLINE void end_request(struct goroutine *key, struct offsets *offsets)
{
	struct http_call *call = answered(key);
	if (call) {
		read_answer(call, call->response);
		tell(call, offsets, REQUEST_HELD, monotonic_ns());
	}
	forget_incoming(key, offsets);
}

/* net/http.(*response).finishRequest(): the handler has returned. Where it is not known, the returns of serverHandler.ServeHTTP. */
GO_PROGRAM(server_end)
{
	end_request(key, offsets);
}

/* net/http.(*http2responseWriter).handlerDone() */
GO_PROGRAM(server_stream_end)
{
	end_request(key, offsets);
}

/* net/http.(*conn).hijackLocked(): the handler takes the connection over, and with it the answer. */
REQUEST_PROGRAM(1, server_hijacked)
{
	struct http_call *call = answered(key);
	if (!call)
		return;
	call->span.hijacked = 1;
	read_route(call, offsets, REQUEST_HELD);
}

/*
 * Returns of net/http.(*conn).serve, and of (*http2serverConn).runHandler; runtime.Goexit(), which ends a goroutine without any return: a request that is still open here was left by a panic, or has no
 * answer of the server's, or all of its answer was written before the handler returned.
 */
REQUEST_PROGRAM(2, server_abandoned)
{
	struct http_call *call = answered(key);
	if (call) {
		read_answer(call, call->response);
		u32 done = call->connection && is_done(call, offsets);
		call->span.head.failed = !done && !call->span.hijacked;
		tell(call, offsets, done ? REQUEST_HELD : REQUEST_LEFT, monotonic_ns());
	}
	end_serving(key);
	map_delete(&contexts, key);
	forget_incoming(key, offsets);
}

/* net/http.(*response).WriteHeader(code): the first final status is the one that is sent. */
GO_PROGRAM(server_status)
{
	struct http_call *call = answered(key);
	u64 code = WORD_1(at);
	if (call && call->response == WORD_0(at) && !call->span.head.status && (code >= 200 || code == 101))
		call->span.head.status = code;
}

/* Returns of net/textproto.(*Reader).readContinuedLineSlice: one header line, "Traceparent: 00-...". */
GO_PROGRAM(header_line)
{
	/* "traceparent:" has 12 bytes, its value of version 00 has 55; proxies may pad. */
	u64 length = WORD_1(at);
	if (length < 67 || length > 72)
		return;
	char line[12] = {};
	const char name[] = "traceparent:";
	if (read_user(line, 12, (void *)WORD_0(at)))
		return;
	u32 differs = 0;
	for (u32 i = 0; i < 12; i++)
		differs |= (i == 11 ? line[i] : line[i] | 32) ^ name[i];
	if (differs)
		return;
	char space = 0;
	read_user(&space, 1, (void *)(WORD_0(at) + 12));
	u32 start = space == ' ' ? 13 : 12;
	struct span_context context = {};
	if (!read_traceparent(&context, WORD_0(at) + start, length - start))
		return;
	map_update(&incoming, key, &context, 0);
}

/* Begins the span of a request that a client sends. */
INLINE void describe_sent(struct http_call *call, u64 request, struct offsets *offsets, struct goroutine *key)
{
	struct http_span *span = &call->span;
	u64 *fields = (u64 *)(span->texts + REQUEST_AT), *url = (u64 *)(span->texts + URL_AT);
	read_user(fields, REQUEST_BYTES, (void *)request);
	begin(&span->head, SPAN_HTTP_CLIENT, key, context_of(key, offsets));
	struct text method = text_at(fields, 0);
	read_user(url, URL_BYTES, (void *)word_at(fields, offsets->request_url));
	span->head.secure = text_at(url, offsets->url_scheme).length == 5; /* "https" is longer than "http" */
	append_url(call, 0, method, text_at(url, offsets->url_host), url, offsets);
}

/* net/http.(*Transport).roundTrip(*Request) (*Response, error) */
REQUEST_PROGRAM(4, client_start)
{
	if (offsets->propagates)
		note_sender();
	struct http_call *call = fresh(&client_spans, &blank_http, key);
	if (call)
		describe_sent(call, WORD_1(at), offsets, key);
}

GO_PROGRAM(client_end)
{
	struct http_call *call = map_lookup(&client_spans, key);
	if (!call)
		return;
	struct span_head *head = &call->span.head;
	u64 response = WORD_0(at);
	head->failed = WORD_1(at) != 0;
	if (response && !head->failed)
		head->status = read_word(response + offsets->response_status);
	head->end_ns = monotonic_ns();
	send_http(call);
	map_delete(&client_spans, key);
}
