/*
 * What goes through OpenSSL, before it is encrypted and after: SSL_read and SSL_write of libssl.so, or of a program that has OpenSSL inside
 * and exports it. Part of syscalls.bpf.c, whose maps and ring buffer it shares. A TLS connection has a descriptor of its own, made of the address
 * of its SSL, with the highest bit set.
 */
#define NO_DESCRIPTOR 0xffffffff

#if defined(TARGET_X64)
#define FUNCTION_ARGUMENT_3(at) ((at)->rcx)
#define RETURNED(at) ((at)->rax)
#else
#define FUNCTION_ARGUMENT_3(at) ((at)->r[3])
#define RETURNED(at) ((at)->r[0])
#endif

INLINE int tls_start(struct registers *at, u32 direction, u64 count)
{
	u32 process = observed_process();
	if (!process)
		return 0;
	u64 thread = current_pid_tgid();
	struct tls_call call = {
		monotonic_ns(), ARGUMENT_0(at), ARGUMENT_1(at), count, process, direction, NO_DESCRIPTOR, 0, 0, 0
	};
	map_update(&tls_calls, &thread, &call, 0);
	return 0;
}

PROGRAM("ssl_read")
int ssl_read(struct registers *at)
{
	return tls_start(at, CHUNK_IN, 0);
}

PROGRAM("ssl_write")
int ssl_write(struct registers *at)
{
	return tls_start(at, CHUNK_OUT, 0);
}

PROGRAM("ssl_read_ex")
int ssl_read_ex(struct registers *at)
{
	return tls_start(at, CHUNK_IN, FUNCTION_ARGUMENT_3(at));
}

PROGRAM("ssl_write_ex")
int ssl_write_ex(struct registers *at)
{
	return tls_start(at, CHUNK_OUT, FUNCTION_ARGUMENT_3(at));
}

INLINE struct known *known_tls(struct tls_call *tls, struct call *call, u64 time_ns)
{
	struct connection connection = { call->process, call->descriptor };
	struct known *known = map_lookup(&connections, &connection);
	if (known && known->file == tls->connection)
		return decided(known, &connection);
	struct socket_ends socket = {};
	u32 zero = 0;
	struct settings *settings_at = map_lookup(&settings, &zero);
	if (settings_at && settings_at->offsets.known && tls->descriptor != NO_DESCRIPTOR)
		read_socket(&settings_at->offsets, file_of(&settings_at->offsets, tls->descriptor), &socket);
	socket.file = tls->connection;
	struct known made = { tls->connection, 0, UNDECIDED, 0, 0, {} };
	map_update(&connections, &connection, &made, 0);
	send_open(call, &socket, time_ns);
	return map_lookup(&connections, &connection);
}

/* Returns 1 when send_pieces has to be called for it. */
INLINE u32 pass_on_decrypted(struct tls_call *made, s64 result)
{
	struct tls_call tls = *made;
	if (result <= 0)
		return 0;
	u64 size = result;
	if (tls.count && read_user(&size, sizeof(size), (void *)tls.count))
		return 0;
	u64 now_ns = monotonic_ns(), time_ns = tls.direction == CHUNK_IN ? now_ns : tls.time_ns;
	struct call call = { tls.time_ns, tls.address, 0, tls.process, tls_descriptor(tls.connection), tls.direction, 0, 0, 0, 0, 0,
			     tls.began_ns, tls.ended_ns && tls.direction == CHUNK_OUT ? tls.ended_ns : now_ns, 0, tls.unsent };
	struct vector bytes = { tls.address, size };
	if (tls.direction == CHUNK_IN && size >= 4 && begins_message(tls.address) == BEGINS_HTTP1)
		note_unclear_thread();
	return pass_on(&call, known_tls(&tls, &call, time_ns), size, time_ns, &bytes, &bytes);
}

/* Where any of the four returns. */
PROGRAM("ssl_done")
int ssl_done(struct registers *at)
{
	u64 thread = current_pid_tgid();
	struct tls_call *call = map_lookup(&tls_calls, &thread);
	if (!call)
		return 0;
	u32 in_pieces = pass_on_decrypted(call, (int)RETURNED(at));
	map_delete(&tls_calls, &thread);
	if (in_pieces)
		tail_call(at, &tls_pieces, 0);
	return 0;
}

PROGRAM("ssl_pieces")
int ssl_pieces(struct registers *at)
{
	send_pieces(at, &tls_pieces);
	return 0;
}

PROGRAM("ssl_free")
int ssl_free(struct registers *at)
{
	u32 process = observed_process();
	struct connection connection = { process, tls_descriptor(ARGUMENT_0(at)) };
	if (!process || !map_lookup(&connections, &connection))
		return 0;
	map_delete(&connections, &connection);
	struct call call = { monotonic_ns(), 0, 0, process, connection.descriptor, CHUNK_CLOSE, 0, 0, 0, 0, 0, 0, 0, 0 };
	leave_halves(&call);
	struct vector nothing = {};
	send_without_data(&call, 0, call.time_ns, &nothing);
	return 0;
}
