/*
 * Requests that observed processes send, by the ends of their connections: a server that reads one without a traceparent leaves it to the tracer, which knows
 * the caller by the connection (src/instrument/ebpf/syscalls/ancestry). Part of syscalls.bpf.c.
 */

/* IPv4 in the first four bytes, also where it is mapped. */
struct asked_ends {
	u8 client[16];
	u8 server[16];
	u32 client_port;
	u32 server_port;
};

/* A server that takes longer to read one may tell another caller's by this. */
#define ASKED_WITHIN_NS 10000000000

/* When it was asked. */
MAP struct map asked = { MAP_LRU_HASH, sizeof(struct asked_ends), 8, 32768, 0 };

INLINE void put_address(u8 *to, u32 family, u8 *from)
{
	u64 *words = (u64 *)from;
	if (family == 2)
		__builtin_memcpy(to, from, 4);
	else if (words[0] == 0 && *(u32 *)(from + 8) == 0xffff0000)
		__builtin_memcpy(to, from + 12, 4);
	else
		__builtin_memcpy(to, from, 16);
}

/* Returns 0 where it is no connection by IP. */
INLINE u32 read_asked_ends(struct offsets *at, u32 descriptor, u32 is_client, struct asked_ends *ends)
{
	struct socket_ends socket = {};
	if (!at->known || !read_socket(at, file_of(at, descriptor), &socket) || socket.family == 1)
		return 0;
	put_address(is_client ? ends->client : ends->server, socket.family, socket.local);
	put_address(is_client ? ends->server : ends->client, socket.family, socket.remote);
	ends->client_port = is_client ? socket.local_port : socket.remote_port;
	ends->server_port = is_client ? socket.remote_port : socket.local_port;
	return 1;
}

/* Before it is sent. */
INLINE void note_asked(struct call *call)
{
	struct vector first = { call->address, 4 };
	u32 word = 0, zero = 0;
	if (call->unseen || call->messages || (call->vectors && read_user(&first, sizeof(first), (void *)call->address)) ||
	    read_user(&word, 4, (void *)first.address) || !is_method(word))
		return;
	struct asked_ends ends = {};
	struct settings *at = map_lookup(&settings, &zero);
	if (at && read_asked_ends(&at->offsets, call->descriptor, 1, &ends))
		map_update(&asked, &ends, &call->time_ns, 0);
}

INLINE u32 was_asked(struct call *call)
{
	u32 zero = 0;
	struct asked_ends ends = {};
	struct settings *at = map_lookup(&settings, &zero);
	if (!at || !read_asked_ends(&at->offsets, call->descriptor, 0, &ends))
		return 0;
	u64 *when = map_lookup(&asked, &ends);
	return when && call->ended_ns - *when < ASKED_WITHIN_NS;
}
