/*
 * The socket behind a descriptor of the current task. Where the kernel's structures have their members is told by the loader, which reads it
 * from the running kernel's BTF (src/instrument/ebpf/kernel/btf.ts); without BTF descriptors are taken as they are.
 */
#pragma once
#include "chunk.h"
#include "kernel-memory.h"

/* In bytes, in the order in which the loader writes them. */
struct offsets {
	u32 known; /* 0: none of them */
	u32 task_files;
	u32 files_table;
	u32 table_files;
	u32 table_size;
	u32 file_private;
	u32 socket_file;
	u32 socket_sock;
	u32 sock_family;
	u32 sock_protocol;
	u32 sock_local;
	u32 sock_remote;
	u32 sock_local6;
	u32 sock_remote6;
	u32 sock_local_port;
	u32 sock_remote_port;
	u32 sock_network;
	u32 tcp_stamp; /* 0: neither this nor the next three are known */
	u32 tcp_received;
	u32 tcp_copied;
	u32 tcp_left;
	u32 tcp_written; /* 0: neither this nor the next is known, or packets that come are not seen */
	u32 tcp_sent;
};

/* The kernel's file of a descriptor; 0 when there is none. */
INLINE u64 file_of(struct offsets *at, u32 descriptor)
{
	u64 table = kernel_long(kernel_long(current_task() + at->task_files) + at->files_table);
	u32 size = 0;
	if (read_kernel(&size, sizeof(size), (void *)(table + at->table_size)) || descriptor >= size)
		return 0;
	return kernel_long(kernel_long(table + at->table_files) + (u64)descriptor * 8);
}

/* Where a socket that is not connected sends to: struct sockaddr_in or sockaddr_in6 of the process. */
INLINE void read_address(u64 address, struct socket_ends *to)
{
	u16 head[2] = {}; /* family, port as the network has it */
	if (read_user(head, sizeof(head), (void *)address))
		return;
	to->remote_port = __builtin_bswap16(head[1]);
	if (head[0] == 2 && to->family == 2)
		read_user(to->remote, 4, (void *)(address + 4));
	if (head[0] == 10 && to->family == 10)
		read_user(to->remote, 16, (void *)(address + 8));
}

/* The kernel's sock when the file is a socket of a family that is followed; 0 otherwise. */
INLINE u64 read_socket(struct offsets *at, u64 file, struct socket_ends *to)
{
	u64 socket = kernel_long(file + at->file_private);
	if (!socket || kernel_long(socket + at->socket_file) != file)
		return 0;
	u64 sock = kernel_long(socket + at->socket_sock);
	to->file = file;
	to->family = kernel_short(sock + at->sock_family);
	to->protocol = kernel_short(sock + at->sock_protocol);
	to->network = kernel_long(sock + at->sock_network);
	to->local_port = kernel_short(sock + at->sock_local_port);
	to->remote_port = __builtin_bswap16(kernel_short(sock + at->sock_remote_port));
	if (to->family == 2) {
		read_kernel(to->local, 4, (void *)(sock + at->sock_local));
		read_kernel(to->remote, 4, (void *)(sock + at->sock_remote));
		return sock;
	}
	if (to->family == 10) {
		read_kernel(to->local, 16, (void *)(sock + at->sock_local6));
		read_kernel(to->remote, 16, (void *)(sock + at->sock_remote6));
		return sock;
	}
	return to->family == 1 ? sock : 0;
}

/* When TCP last took or sent a packet (tcp_sock.tcp_mstamp, microseconds of CLOCK_MONOTONIC): what lies ready came then at the latest. */
INLINE u64 last_packet_ns(struct offsets *at, u64 sock)
{
	return kernel_long(sock + at->tcp_stamp) * 1000;
}

/* Whether something lies ready to be read from a TCP socket. */
INLINE u32 is_ready(struct offsets *at, u64 sock)
{
	return kernel_word(sock + at->tcp_received) != kernel_word(sock + at->tcp_copied);
}

/* Whether TCP has sent what was written up to the byte `end` of a connection. */
INLINE u32 has_sent(struct offsets *at, u64 sock, u32 end)
{
	return (int)(kernel_word(sock + at->tcp_sent) - end) >= 0;
}

/* When the last packet with data left a TCP socket (tcp_sock.tcp_wstamp_ns). */
INLINE u64 departure_ns(struct offsets *at, u64 sock)
{
	return kernel_long(sock + at->tcp_left);
}
