/*
 * The requests that connections' goroutines answer, by goroutine. Each stop of a request looks there, so most stand in an array, at a place that their
 * goroutine's address says: to look into a hash map is a call and some lines of memory more. Whose place is taken is in the hash map.
 * Part of go-state.h.
 */

#define NEAR_CALLS 2048 /* a power of two */
#define IF_MISSING 1 /* BPF_NOEXIST */

struct near_call {
	/* Its address is zero where the place is free; written last. */
	struct goroutine key;
	struct http_call call;
};

MAP struct map near_calls = { MAP_ARRAY, 4, sizeof(struct near_call), NEAR_CALLS, 0 };
/* Who has a place in the array: of several that want one at the same time one gets it. src/instrument/ebpf/traced-processes.ts clears what ended processes leave. */
MAP struct map near_owners = { MAP_HASH, 4, sizeof(struct goroutine), NEAR_CALLS, 0 };
/* One for each connection, used again for its next request: to make and to remove entries takes longer than all that is read of a request. */
MAP struct map server_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct http_call), 8192, 0 };

INLINE u32 near_place(struct goroutine *key)
{
	return (key->address ^ key->process << 32) * 0x9e3779b97f4a7c15 >> 32 & (NEAR_CALLS - 1);
}

INLINE u32 is_of(struct near_call *near, struct goroutine *key)
{
	return near->key.address == key->address && near->key.process == key->process;
}

/* The request that a goroutine answers or answered last; 0 when it has none. */
INLINE struct http_call *served_by(struct goroutine *key)
{
	u32 place = near_place(key);
	struct near_call *near = map_lookup(&near_calls, &place);
	return near && is_of(near, key) ? &near->call : map_lookup(&server_spans, key);
}

/* For another connection. */
INLINE void restart(struct http_call *call)
{
	call->span.head.kind = 0;
	call->context.holds = 0;
	call->response = call->connection = call->methods = call->told = 0;
	call->came_ns = call->left_ns = call->left_early = 0;
	call->peer.at = call->peer.length = 0;
}

/* The same of one that begins its first request; 0 when there is no room. */
INLINE struct http_call *begin_serving(struct goroutine *key)
{
	u32 place = near_place(key);
	struct near_call *near = map_lookup(&near_calls, &place);
	if (!near || near->key.address || map_update(&near_owners, &place, key, IF_MISSING))
		return fresh(&server_spans, &blank_http, key);
	restart(&near->call);
	near->key.process = key->process;
	*(volatile u64 *)&near->key.address = key->address;
	return &near->call;
}

/* Its connection is over. */
INLINE void end_serving(struct goroutine *key)
{
	u32 place = near_place(key);
	struct near_call *near = map_lookup(&near_calls, &place);
	if (near && is_of(near, key)) {
		near->call.span.head.kind = 0;
		*(volatile u64 *)&near->key.address = 0;
		map_delete(&near_owners, &place);
	} else {
		map_delete(&server_spans, key);
	}
}
