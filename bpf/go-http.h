/* net/http servers and clients. */
#pragma once
#include "go-state.h"

/* net/http.serverHandler.ServeHTTP(handler, ResponseWriter, *Request) */
GO_PROGRAM(server_start)
{
	struct http_span *span = fresh(&server_spans, &blank_http, key);
	if (!span)
		return;
	u64 request = WORD_3(at);
	struct span_context caller = {};
	u32 called = 0;
	if (offsets->header_layout) {
		called = read_header(&caller, offsets->header_layout, read_word(request + offsets->request_header));
	} else {
		struct span_context *seen = map_lookup(&incoming, key);
		if (seen) {
			caller = *seen;
			called = 1;
		}
	}
	begin(&span->head, SPAN_HTTP_SERVER, key, called ? &caller : 0);
	u64 url = read_word(request + offsets->request_url);
	span->response = WORD_2(at);
	span->method_length = read_string(span->method, sizeof(span->method), request);
	span->host_length = read_string(span->host, sizeof(span->host), request + offsets->request_host);
	span->peer_length = read_string(span->peer, sizeof(span->peer), request + offsets->request_remote);
	span->path_length = read_string(span->path, sizeof(span->path), url + offsets->url_path);
	span->query_length = read_string(span->query, sizeof(span->query), url + offsets->url_query);
	span->head.protocol_major = read_word(request + offsets->request_major);
	span->protocol_minor = read_word(request + offsets->request_minor);
	span->head.secure = read_word(request + offsets->request_tls) != 0;

	enter(key, &span->head);
}

/*
 * The status as the server keeps it, where its layout is known and the answer is its own: HTTP/1 has one type of it, others may come of another library.
 * server_status sees the rest.
 */
INLINE void read_status(struct http_span *span, struct offsets *offsets)
{
	u8 wrote = 0;
	if (!offsets->answer_status || span->head.protocol_major != 1)
		return;
	read_user(&wrote, 1, (void *)(span->response + offsets->answer_wrote_header));
	if (wrote)
		span->head.status = read_word(span->response + offsets->answer_status);
}

/*
 * net/http.(*response).finishRequest(), (*http2responseWriter).handlerDone(): the handler has returned. Where they are not known, the returns of
 * serverHandler.ServeHTTP.
 */
GO_PROGRAM(server_end)
{
	struct http_span *span = map_lookup(&server_spans, key);
	if (span) {
		read_status(span, offsets);
		/* Written by the server itself after the handler when the handler wrote nothing. */
		if (!span->head.status)
			span->head.status = 200;
		send(&span->head, sizeof(*span));
		map_delete(&server_spans, key);
	}
	leave(key, offsets);
}

/* net/http.(*conn).hijackLocked(): the handler takes the connection over, and with it the answer. */
GO_PROGRAM(server_hijacked)
{
	struct http_span *span = map_lookup(&server_spans, key);
	if (span)
		span->hijacked = 1;
}

/* Returns of net/http.(*conn).serve, and of (*http2serverConn).runHandler: a request that is still open here was left by a panic, or has no answer of the server's. */
GO_PROGRAM(server_abandoned)
{
	struct http_span *span = map_lookup(&server_spans, key);
	if (span) {
		read_status(span, offsets);
		span->head.failed = !span->hijacked;
		send(&span->head, sizeof(*span));
		map_delete(&server_spans, key);
	}
	leave(key, offsets);
}

/* net/http.(*response).WriteHeader(code): the first final status is the one that is sent. */
GO_PROGRAM(server_status)
{
	struct http_span *span = map_lookup(&server_spans, key);
	u64 code = WORD_1(at);
	if (span && span->response == WORD_0(at) && !span->head.status && (code >= 200 || code == 101))
		span->head.status = code;
}

/* Behind the call of net/http.(*ServeMux).findHandler, or at its returns: (Handler, pattern string, ...) */
GO_PROGRAM(server_route)
{
	struct http_span *span = map_lookup(&server_spans, key);
	if (span && WORD_3(at))
		span->route_length = read_bytes(span->route, sizeof(span->route), WORD_2(at), WORD_3(at));
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

/* net/http.(*Transport).roundTrip(*Request) (*Response, error) */
GO_PROGRAM(client_start)
{
	struct http_span *span = fresh(&client_spans, &blank_http, key);
	if (!span)
		return;
	begin(&span->head, SPAN_HTTP_CLIENT, key, map_lookup(&contexts, key));
	u64 request = WORD_1(at);
	u64 url = read_word(request + offsets->request_url);
	u64 scheme[2] = {};
	read_user(scheme, sizeof(scheme), (void *)(url + offsets->url_scheme));
	span->head.secure = scheme[1] == 5; /* "https" is longer than "http" */
	span->method_length = read_string(span->method, sizeof(span->method), request);
	span->host_length = read_string(span->host, sizeof(span->host), url + offsets->url_host);
	span->path_length = read_string(span->path, sizeof(span->path), url + offsets->url_path);
	span->query_length = read_string(span->query, sizeof(span->query), url + offsets->url_query);
}

GO_PROGRAM(client_end)
{
	struct http_span *span = map_lookup(&client_spans, key);
	if (!span)
		return;
	u64 response = WORD_0(at);
	span->head.failed = WORD_1(at) != 0;
	if (response && !span->head.failed)
		span->head.status = read_word(response + offsets->response_status);
	send(&span->head, sizeof(*span));
	map_delete(&client_spans, key);
}

