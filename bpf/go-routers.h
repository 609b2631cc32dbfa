/*
 * Routes as routers other than net/http's find them. Those that keep a context for each request are asked when they give it back to their pool, once for all
 * of their groups and mounts: it says the whole route then. Of routers within one another the innermost says it, whichever is asked first: what it
 * calls and is called by stands deeper in the goroutine's stack.
 */
#pragma once
#include "go-database.h"
#include "go-http.h"

/* struct gin.Context of 1.7 to 1.12: fullPath. */
#define GIN_PATH 112
/* struct mux.Route of gorilla 1.7.4 to 1.8: it begins with its handler; where its path is, which begins with the template. */
#define GORILLA_PATH 80
/* More patterns or parameters than these of one request leave it without a route. */
#define PIECES 8

/* A route that is put together: its whole length, and as much of it as is kept. */
struct route {
	u64 length;
	char text[2 * ROUTE_BYTES];
};

/* How far from the end of the stack a program is stopped, which is the same after the stack was moved. */
INLINE u64 depth_of(struct registers *at, struct goroutine *key)
{
	return read_word(key->address + STACK_END) - STACK(at);
}

/* Whether the router at `depth` is not around another one that has said the route already. */
INLINE u32 is_innermost(struct http_call *call, u64 depth)
{
	return !call->span.route_length || depth >= call->route_depth;
}

INLINE void keep_pattern(struct registers *at, struct goroutine *key, struct text pattern)
{
	struct http_call *call = answered(key);
	u64 depth = depth_of(at, key);
	if (!call || !pattern.length || !is_innermost(call, depth))
		return;
	keep_route(call, pattern);
	call->route_depth = depth;
}

INLINE struct text text_in(u64 at)
{
	struct text text = {};
	read_user(&text, sizeof(text), (void *)at);
	return text;
}

/* Behind the call of net/http.(*ServeMux).findHandler, or at its returns: (Handler, pattern string, ...) */
REQUEST_PROGRAM(3, server_route)
{
	struct http_call *call = answered(key);
	struct text pattern = { WORD_2(at), WORD_3(at) };
	if (!call)
		return;
	if (offsets->nested_routes) {
		keep_pattern(at, key, pattern);
	} else {
		keep_route(call, pattern);
		call->route_depth = 0;
	}
}

INLINE void keep_gin(struct registers *at, struct offsets *offsets, struct goroutine *key, u64 context, u32 is_over)
{
	keep_pattern(at, key, text_in(context + GIN_PATH));
}

/* Whether the text at `at` is the path that is asked for, or a part of what its line says. */
INLINE u32 is_asked_for(u64 at, u64 request, struct offsets *offsets)
{
	struct text target = text_in(request + offsets->request_target);
	return at - target.at < target.length || at == read_word(read_word(request + offsets->request_url) + offsets->url_path);
}

INLINE void keep_echo(struct registers *at, struct offsets *offsets, struct goroutine *key, u64 context, u32 is_over)
{
	struct text path = text_in(context + offsets->echo_path);
	/* Older contexts begin with the request, and have its path where no route is found. */
	if (offsets->echo_path && !(offsets->echo_has_request && is_asked_for(path.at, read_word(context), offsets)))
		keep_pattern(at, key, path);
}

/* gorilla's mux.requestWithRoute(*http.Request, *Route); a route without a handler is that of a sub-router which found none. */
REQUEST_PROGRAM(17, gorilla_found)
{
	u64 route = WORD_1(at);
	if (route && read_word(route))
		keep_pattern(at, key, text_in(read_word(route + GORILLA_PATH)));
}

INLINE void add(struct route *route, struct text piece, u32 is_kernel)
{
	u64 kept = route->length, size = piece.length;
	route->length += piece.length;
	if (kept >= ROUTE_BYTES || size == 0)
		return;
	if (size > ROUTE_BYTES)
		size = ROUTE_BYTES;
	asm volatile("" : "+r"(kept), "+r"(size));
	if (kept > ROUTE_BYTES || size > ROUTE_BYTES || size == 0)
		return;
	if (is_kernel)
		read_kernel(route->text + kept, size, (void *)piece.at);
	else
		read_user(route->text + kept, size, (void *)piece.at);
}

INLINE void keep_made(struct http_call *call, struct route *route, u64 depth)
{
	u64 used = call->used, size = route->length > ROUTE_BYTES ? ROUTE_BYTES : route->length;
	asm volatile("" : "+r"(used), "+r"(size));
	if (size > ROUTE_BYTES || size == 0 || used > HTTP_TEXT_BYTES - ROUTE_BYTES)
		return;
	read_kernel(call->span.texts + used, size, route->text);
	call->span.route_length = route->length > 65535 ? 65535 : route->length;
	call->route_depth = depth;
}

/*
 * The context has the pattern that the innermost of chi's Muxes found, which is empty when it found none, and those of all, of which a mount's ends in a
 * slash or a slash and a star, for which the next one stands.
 */
INLINE void keep_chi(struct registers *at, struct offsets *offsets, struct goroutine *key, u64 context, u32 is_over)
{
	struct http_call *call = answered(key);
	u64 depth = depth_of(at, key);
	if (!call || !offsets->chi_pattern || !is_innermost(call, depth))
		return;
	struct text found = text_in(context + offsets->chi_pattern), patterns = text_in(context + offsets->chi_patterns);
	/* What a mount said before is not the route of a request for which nothing is found inside of it. */
	if (!found.length && patterns.length && !is_over)
		call->span.route_length = 0;
	if (!found.length || patterns.length > PIECES)
		return;
	struct route route = {};
	u8 tail[2] = {};
ROLLED
	for (u32 i = 0; i < PIECES && i < patterns.length; i++) {
		struct text piece = text_in(patterns.at + i * sizeof(piece));
		if (route.length && tail[1] == '/')
			route.length -= 1;
		else if (route.length > 1 && tail[1] == '*' && tail[0] == '/')
			route.length -= 2;
		add(&route, piece, 0);
		tail[0] = 0;
		if (piece.length > 1)
			read_user(tail, 2, (void *)(piece.at + piece.length - 2));
		else
			read_user(tail + 1, 1, (void *)piece.at);
	}
	if (route.length > 1 && tail[1] == '/')
		route.length -= 1;
	keep_made(call, &route, depth);
}

/*
 * A router that keeps a context for each request. `_served`: the call of sync.(*Pool).Put(context) in the outermost ServeHTTP of the router. `_found`, where calls
 * cannot be watched: returns of the function that router_finds... has seen the entry of.
 */
#define CONTEXT_PROGRAMS(router, served, found)                  \
	REQUEST_PROGRAM(served, router##_served)                 \
	{                                                        \
		keep_##router(at, offsets, key, WORD_2(at), 1);  \
	}                                                        \
	REQUEST_PROGRAM(found, router##_found)                   \
	{                                                        \
		struct goroutine call = call_of(at, key);        \
		u64 *kept = map_lookup(&router_contexts, &call); \
		if (!kept)                                       \
			return;                                  \
		u64 context = *kept;                             \
		map_delete(&router_contexts, &call);             \
		keep_##router(at, offsets, key, context, 0);     \
	}

/* By the call that finds a route in them. */
MAP struct map router_contexts = { MAP_LRU_HASH, sizeof(struct goroutine), 8, 4096, 0 };

CONTEXT_PROGRAMS(gin, 18, 19)
CONTEXT_PROGRAMS(chi, 20, 21)
CONTEXT_PROGRAMS(echo, 22, 23)

INLINE void keep_context(struct registers *at, struct goroutine *key, u64 context)
{
	struct goroutine call = call_of(at, key);
	map_update(&router_contexts, &call, &context, 0);
}

/* gin.(*Engine).handleHTTPRequest(*Context), chi.(*node).FindRoute(*Context, ...) */
GO_PROGRAM(router_finds_in_1)
{
	keep_context(at, key, WORD_1(at));
}

/* echo.(*Router).Find(method, path string, Context) */
GO_PROGRAM(router_finds_in_6)
{
	keep_context(at, key, WORD_6(at));
}

/* httprouter.Param */
struct parameter {
	struct text name;
	struct text value;
};

/*
 * Behind the call of httprouter.(*node).getValue in (*Router).ServeHTTP: (Handle, Params, ...). It keeps no pattern, but the values of parameters are parts of the path:
 * with their names in their places it is the pattern again.
 */
REQUEST_PROGRAM(24, httprouter_found)
{
	struct http_call *call = answered(key);
	u64 parameters = WORD_1(at), count = WORD_2(at), depth = depth_of(at, key);
	if (!call || !WORD_0(at) || count > PIECES || !is_innermost(call, depth))
		return;
	struct text path = text_in(read_word(call->request + offsets->request_url) + offsets->url_path);
	struct route route = {};
ROLLED
	for (u32 i = 0; i < PIECES && i < count; i++) {
		struct parameter parameter = {};
		char mark[2] = "/*";
		read_user(&parameter, sizeof(parameter), (void *)(parameters + i * sizeof(parameter)));
		u64 before = parameter.value.at - path.at, name_at = before + parameter.value.length;
		if (!parameter.value.length || before > path.length || parameter.value.length > path.length - before)
			return;
		struct text piece = { path.at, before };
		add(&route, piece, 0);
		/* The value of one that takes all begins with a slash, as no other's does. */
		char first = 0;
		read_user(&first, 1, (void *)parameter.value.at);
		u32 takes_all = first == '/';
		if (!takes_all)
			mark[0] = ':';
		struct text sign = { (u64)mark, takes_all ? 2 : 1 };
		add(&route, sign, 1);
		add(&route, parameter.name, 0);
		path.at += name_at;
		path.length -= name_at;
	}
	add(&route, path, 0);
	keep_made(call, &route, depth);
}
