/* Where the kernel keeps the arguments of a system call, and the numbers of those that move bytes (the kernel's syscall tables). */
#pragma once
#include "kernel.h"

#if defined(TARGET_X64)
struct registers {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
};
#define ARGUMENT_0(at) ((at)->rdi)
#define ARGUMENT_1(at) ((at)->rsi)
#define ARGUMENT_2(at) ((at)->rdx)
#define ARGUMENT_3(at) ((at)->r10)
#define ARGUMENT_4(at) ((at)->r8)
enum call_number {
	CALL_READ = 0,
	CALL_WRITE = 1,
	CALL_CLOSE = 3,
	CALL_IOCTL = 16,
	CALL_READV = 19,
	CALL_WRITEV = 20,
	CALL_SENDFILE = 40,
	CALL_CONNECT = 42,
	CALL_SENDTO = 44,
	CALL_RECVFROM = 45,
	CALL_SENDMSG = 46,
	CALL_RECVMSG = 47,
	CALL_RECVMMSG = 299,
	CALL_SENDMMSG = 307
};
#elif defined(TARGET_ARM64)
struct registers {
	u64 r[5];
};
#define ARGUMENT_0(at) ((at)->r[0])
#define ARGUMENT_1(at) ((at)->r[1])
#define ARGUMENT_2(at) ((at)->r[2])
#define ARGUMENT_3(at) ((at)->r[3])
#define ARGUMENT_4(at) ((at)->r[4])
enum call_number {
	CALL_IOCTL = 29,
	CALL_CLOSE = 57,
	CALL_READ = 63,
	CALL_WRITE = 64,
	CALL_READV = 65,
	CALL_WRITEV = 66,
	CALL_SENDFILE = 71,
	CALL_CONNECT = 203,
	CALL_SENDTO = 206,
	CALL_RECVFROM = 207,
	CALL_SENDMSG = 211,
	CALL_RECVMSG = 212,
	CALL_RECVMMSG = 243,
	CALL_SENDMMSG = 269
};
#else
#error "build with -DTARGET_X64 or -DTARGET_ARM64"
#endif
