/*
 * Where Go's register ABI (Go 1.17 and newer, abi-internal.md in the Go sources) keeps the words of arguments and of results,
 * and the running goroutine.
 */
#pragma once
#include "kernel.h"

#if defined(TARGET_X64)
/* struct pt_regs of x86-64. */
struct registers {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp;
};
#define STACK(at) ((at)->rsp)
/* Where the direct call returns to at which a program is stopped. */
#define BEHIND_CALL(at) ((at)->rip + 5)
#define GOROUTINE(at) ((at)->r14)
#define WORD_0(at) ((at)->rax)
#define WORD_1(at) ((at)->rbx)
#define WORD_2(at) ((at)->rcx)
#define WORD_3(at) ((at)->rdi)
#define WORD_4(at) ((at)->rsi)
#define WORD_5(at) ((at)->r8)
#define WORD_6(at) ((at)->r9)
#define WORD_7(at) ((at)->r10)
#define WORD_8(at) ((at)->r11)
#elif defined(TARGET_ARM64)
/* struct user_pt_regs of arm64. */
struct registers {
	u64 r[31], sp, pc;
};
#define STACK(at) ((at)->sp)
#define BEHIND_CALL(at) ((at)->pc + 4)
#define GOROUTINE(at) ((at)->r[28])
#define WORD_0(at) ((at)->r[0])
#define WORD_1(at) ((at)->r[1])
#define WORD_2(at) ((at)->r[2])
#define WORD_3(at) ((at)->r[3])
#define WORD_4(at) ((at)->r[4])
#define WORD_5(at) ((at)->r[5])
#define WORD_6(at) ((at)->r[6])
#define WORD_7(at) ((at)->r[7])
#define WORD_8(at) ((at)->r[8])
#else
#error "build with -DTARGET_X64 or -DTARGET_ARM64"
#endif

/* Linux 5.15; of the task as the verifier knows it by its type. */
static void *(*const current_typed_task)(void) = (void *)158;
static struct registers *(*const task_registers)(void *task) = (void *)175;

/* The goroutine of the system call under way. */
INLINE u64 current_goroutine_register(void)
{
	struct registers *at = task_registers(current_typed_task());
	return GOROUTINE(at);
}
