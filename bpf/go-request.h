/* What a struct http.Request says, as a server's and as a client's. */
#pragma once
#include "go-state.h"

/* Of a struct http.Request and a struct url.URL as far as anything of them is used. */
#define REQUEST_BYTES 248
#define URL_BYTES 112
/* Where a struct http.Request has the length of its body, zero when it has none. */
#define LENGTH_OF_REQUEST 88
/* Where a struct http.conn has the word that says of what type its net.Conn is. */
#define METHODS_OF_CONNECTION 16
/* Where a struct http.response has its conn and its request, in all versions (src/instrument/ebpf/go/layouts.test.ts). */
#define CONNECTION_OF_ANSWER 0
#define REQUEST_OF_ANSWER 8
/* Where the request is kept for the moment, a part of the header, and the URL; 256 bytes behind each are within the texts. A peer stays before them. */
#define REQUEST_AT PEER_BYTES
#define GROUP_AT 320
#define URL_AT 320

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

/* Method, path and query by the URL that a request has; `texts` are used as far as `used`. */
INLINE void append_url(struct http_call *call, u64 used, struct text method, struct text host, u64 *url, struct offsets *offsets)
{
	struct http_span *span = &call->span;
	struct text path = text_at(url, offsets->url_path), query = text_at(url, offsets->url_query);
	span->method_length = append(span, &used, METHOD_BYTES, method);
	span->path_length = append(span, &used, PATH_BYTES, path);
	span->query_length = append(span, &used, QUERY_BYTES, query);
	span->host_length = append(span, &used, HOST_BYTES, host);
	call->used = used;
}

/* The texts begin with the peer; the same string is not read again. Returns the bytes that are used. */
INLINE u64 append_peer(struct http_call *call, struct text peer)
{
	struct http_span *span = &call->span;
	u64 used = 0;
	if (call->peer.at == peer.at && call->peer.length == peer.length) {
		span->peer_length = peer.length;
		return peer.length > PEER_BYTES ? PEER_BYTES : peer.length;
	}
	span->peer_length = append(span, &used, PEER_BYTES, peer);
	call->peer.at = peer.at;
	call->peer.length = span->peer_length;
	return used;
}

/*
 * Begins the span of a request to a server and reads its texts. The structs are read at once and whole, to where the texts come: many bytes take as
 * long as few. What cannot be read is all zero.
 */
INLINE void begin_request(struct http_call *call, u64 response, u64 request, u64 start_ns, struct offsets *offsets, struct goroutine *key)
{
	struct http_span *span = &call->span;
	__builtin_memset(span, 0, sizeof(*span) - HTTP_TEXT_BYTES);
	call->response = response;
	call->request = request;
	u64 *fields = (u64 *)(span->texts + REQUEST_AT), *url = (u64 *)(span->texts + URL_AT);
	read_user(fields, REQUEST_BYTES, (void *)request);
	struct span_context caller = {};
	u32 called = 0;
	if (offsets->header_layout) {
		called = read_header(&caller, offsets->header_layout, word_at(fields, offsets->request_header), span->texts + GROUP_AT);
	} else {
		struct span_context *seen = map_lookup(&incoming, key);
		if (seen) {
			caller = *seen;
			called = 1;
		}
	}
	begin_at(start_ns, &span->head, SPAN_HTTP_SERVER, key, called ? &caller : 0);
	u64 url_at = word_at(fields, offsets->request_url);
	struct text method = text_at(fields, 0), host = text_at(fields, offsets->request_host), target = text_at(fields, offsets->request_target);
	call->target = target.at;
	call->pattern = text_at(fields, offsets->request_pattern);
	call->has_body = word_at(fields, LENGTH_OF_REQUEST) != 0;
	span->head.protocol_major = word_at(fields, offsets->request_major);
	span->protocol_minor = word_at(fields, offsets->request_minor);
	span->head.secure = word_at(fields, offsets->request_tls) != 0;
	u64 used = append_peer(call, text_at(fields, offsets->request_remote));
	if (append_line(span, &used, method, target)) {
		span->host_length = append(span, &used, HOST_BYTES, host);
		call->used = used;
	} else {
		read_user(url, URL_BYTES, (void *)url_at);
		append_url(call, used, method, host, url, offsets);
	}
	call->context = context_in(&span->head);
}
