/* net/http servers and clients. */
#pragma once
#include "go-state.h"

/* Of a struct http.Request and a struct url.URL as far as anything of them is used. */
#define REQUEST_BYTES 216
#define URL_BYTES 112
/* Where the request is kept for the moment, a part of the header, and the URL; 256 bytes behind each are within the texts. A peer stays before them. */
#define REQUEST_AT PEER_BYTES
#define GROUP_AT 320
#define URL_AT 320
/* Of a struct http.Request, from its RequestURI to behind its Pattern. */
#define PATTERN_WORDS 8
/* Of a struct http.response, from its wroteHeader to behind its status. */
#define ANSWER_WORDS 16

/* The word at `offset` of a struct that was read to `words`. */
INLINE u64 word_at(u64 *words, u32 offset)
{
	return words[offset >> 3 & 31];
}

INLINE struct text text_at(u64 *words, u32 offset)
{
	struct text text = { word_at(words, offset), word_at(words, offset + 8) };
	return text;
}

/* Appends what fits of `text` to the texts, of which `used` bytes are used; `room` must be known when this is compiled. Returns its whole length. */
INLINE u16 append(struct http_span *span, u64 *used, u64 room, struct text text)
{
	u64 size = text.length > room ? room : text.length, to = *used;
	asm volatile("" : "+r"(size), "+r"(to));
	if (size > room || size == 0 || to > HTTP_TEXT_BYTES - room)
		return 0;
	if (read_user(span->texts + to, size, (void *)text.at))
		return 0;
	*used = to + size;
	return text.length > 65535 ? 65535 : text.length;
}

/*
 * Method, path and query at once, as they stand in the line that the request began with: of HTTP/1 Go's strings are parts of it. Returns whether
 * they do, and whether what is asked for is a path; else nothing is kept.
 */
INLINE u32 append_line(struct http_span *span, u64 *used, struct text method, struct text target)
{
	u64 size = method.length + 1 + target.length, to = *used, slash = to + method.length + 1;
	if (method.length > METHOD_BYTES || target.length > PATH_BYTES || target.at != method.at + method.length + 1)
		return 0;
	asm volatile("" : "+r"(size), "+r"(to), "+r"(slash));
	if (size > METHOD_BYTES + 1 + PATH_BYTES || size == 0 || to > PEER_BYTES || slash > PEER_BYTES + METHOD_BYTES + 1)
		return 0;
	if (read_user(span->texts + to, size, (void *)method.at) || span->texts[slash] != '/')
		return 0;
	span->line = 1;
	span->method_length = method.length;
	span->path_length = target.length;
	*used = to + size;
	return 1;
}

/*
 * Reads a request's texts. The structs are read at once and whole, to where the texts come: many bytes take as long as few. What cannot be read
 * is all zero.
 */
INLINE void describe(struct http_call *call, u64 request, struct offsets *offsets, u32 kind, struct goroutine *key)
{
	struct http_span *span = &call->span;
	u64 *fields = (u64 *)(span->texts + REQUEST_AT), *url = (u64 *)(span->texts + URL_AT);
	read_user(fields, REQUEST_BYTES, (void *)request);
	struct span_context caller = {};
	u32 called = 0;
	if (kind == SPAN_HTTP_SERVER && offsets->header_layout) {
		called = read_header(&caller, offsets->header_layout, word_at(fields, offsets->request_header), span->texts + GROUP_AT);
	} else {
		struct span_context *seen = kind == SPAN_HTTP_SERVER ? map_lookup(&incoming, key) : context_of(key, offsets);
		if (seen) {
			caller = *seen;
			called = 1;
		}
	}
	begin(&span->head, kind, key, called ? &caller : 0);
	u64 used = 0, url_at = word_at(fields, offsets->request_url);
	struct text method = text_at(fields, 0), host = text_at(fields, offsets->request_host);
	if (kind == SPAN_HTTP_SERVER) {
		struct text target = text_at(fields, offsets->request_target);
		struct text peer = text_at(fields, offsets->request_remote);
		call->target = target.at;
		span->head.protocol_major = word_at(fields, offsets->request_major);
		span->protocol_minor = word_at(fields, offsets->request_minor);
		span->head.secure = word_at(fields, offsets->request_tls) != 0;
		if (call->peer.at == peer.at && call->peer.length == peer.length) {
			span->peer_length = peer.length;
			used = peer.length > PEER_BYTES ? PEER_BYTES : peer.length;
		} else {
			span->peer_length = append(span, &used, PEER_BYTES, peer);
			call->peer.at = peer.at;
			call->peer.length = span->peer_length;
		}
		if (append_line(span, &used, method, target)) {
			span->host_length = append(span, &used, HOST_BYTES, host);
			call->used = used;
			return;
		}
	}
	read_user(url, URL_BYTES, (void *)url_at);
	struct text path = text_at(url, offsets->url_path), query = text_at(url, offsets->url_query);
	if (kind == SPAN_HTTP_CLIENT) {
		host = text_at(url, offsets->url_host);
		span->head.secure = text_at(url, offsets->url_scheme).length == 5; /* "https" is longer than "http" */
	}
	span->method_length = append(span, &used, METHOD_BYTES, method);
	span->path_length = append(span, &used, PATH_BYTES, path);
	span->query_length = append(span, &used, QUERY_BYTES, query);
	span->host_length = append(span, &used, HOST_BYTES, host);
	call->used = used;
}

INLINE void send_http(struct http_call *call)
{
	u64 route = call->span.route_length, used = call->used;
	asm volatile("" : "+r"(route), "+r"(used));
	if (route > ROUTE_BYTES)
		route = ROUTE_BYTES;
	if (used > HTTP_TEXT_BYTES - ROUTE_BYTES)
		return;
	send(&call->span.head, sizeof(struct http_span) - HTTP_TEXT_BYTES + used + route);
}

/* net/http.serverHandler.ServeHTTP(handler, ResponseWriter, *Request) */
GO_PROGRAM(server_start)
{
	struct http_call *call = served_by(key);
	if (!call)
		call = begin_serving(key);
	if (!call)
		return;
	__builtin_memset(&call->span, 0, sizeof(struct http_span) - HTTP_TEXT_BYTES);
	call->response = WORD_2(at);
	call->request = WORD_3(at);
	describe(call, WORD_3(at), offsets, SPAN_HTTP_SERVER, key);
	call->context = context_in(&call->span.head);
}

/* The request that this goroutine answers; 0 when it is between two. */
INLINE struct http_call *answered(struct goroutine *key)
{
	struct http_call *call = served_by(key);
	return call && call->span.head.kind ? call : 0;
}

/*
 * The status as the server keeps it, where its layout is known and the answer is its own: HTTP/1 has one type of it, others may come of another library.
 * server_status sees the rest.
 */
INLINE void read_status(struct http_call *call, struct offsets *offsets)
{
	/* Read at once, from the one to the other. */
	u64 words[ANSWER_WORDS] = {};
	if (!offsets->answer_status || call->span.head.protocol_major != 1)
		return;
	read_user(words, sizeof(words), (void *)(call->response + offsets->answer_wrote_header));
	if (words[0] & 255)
		call->span.head.status = words[(offsets->answer_status - offsets->answer_wrote_header) >> 3 & (ANSWER_WORDS - 1)];
}

INLINE void keep_route(struct http_call *call, struct text pattern)
{
	u64 used = call->used;
	if (pattern.length)
		call->span.route_length = append(&call->span, &used, ROUTE_BYTES, pattern);
}

/*
 * The pattern that the last mux wrote into the request, where no handler can have got a copy of it. `held`: the server holds the request still; else another
 * object may stand there already, which has not the same text to be asked for.
 */
INLINE void read_route(struct http_call *call, struct offsets *offsets, u32 held)
{
	u64 words[PATTERN_WORDS] = {};
	if (!offsets->request_pattern || call->span.route_length)
		return;
	if (read_user(words, sizeof(words), (void *)(call->request + offsets->request_target)) || !(held || words[0] == call->target))
		return;
	u32 at = (offsets->request_pattern - offsets->request_target) >> 3;
	struct text pattern = { words[at & (PATTERN_WORDS - 1)], words[(at + 1) & (PATTERN_WORDS - 1)] };
	keep_route(call, pattern);
}

/*
 * net/http.(*response).finishRequest(), (*http2responseWriter).handlerDone(): the handler has returned. Where they are not known, the returns of
 * serverHandler.ServeHTTP.
 */
GO_PROGRAM(server_end)
{
	struct http_call *call = answered(key);
	if (call) {
		read_status(call, offsets);
		read_route(call, offsets, 1);
		/* Written by the server itself after the handler when the handler wrote nothing. */
		if (!call->span.head.status)
			call->span.head.status = 200;
		send_http(call);
		call->span.head.kind = 0;
		call->context.holds = 0;
	}
	forget_incoming(key, offsets);
}

/* net/http.(*conn).hijackLocked(): the handler takes the connection over, and with it the answer. */
GO_PROGRAM(server_hijacked)
{
	struct http_call *call = answered(key);
	if (!call)
		return;
	call->span.hijacked = 1;
	read_route(call, offsets, 1);
}

/*
 * Returns of net/http.(*conn).serve, and of (*http2serverConn).runHandler; runtime.Goexit(), which ends a goroutine without any return: a request that is still open here was left by a panic, or has no
 * answer of the server's.
 */
GO_PROGRAM(server_abandoned)
{
	struct http_call *call = answered(key);
	if (call) {
		read_status(call, offsets);
		read_route(call, offsets, 0);
		call->span.head.failed = !call->span.hijacked;
		send_http(call);
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

/* net/http.(*Transport).roundTrip(*Request) (*Response, error) */
GO_PROGRAM(client_start)
{
	if (offsets->propagates)
		note_sender();
	struct http_call *call = fresh(&client_spans, &blank_http, key);
	if (call)
		describe(call, WORD_1(at), offsets, SPAN_HTTP_CLIENT, key);
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
	send_http(call);
	map_delete(&client_spans, key);
}
