/* The numbers of processes as the tracer's namespace has them. */
#pragma once
#include "kernel.h"

/* The inode of the namespace in which all processes have a number, also those of containers (PROC_PID_INIT_INO of the kernel's proc_ns.h). */
#define FIRST_NAMESPACE 0xeffffffc

struct namespace {
	u64 dev;
	u64 ino;
};

/* The current process; 0 when it is in a namespace that is not the tracer's, save that the first one's tracer sees all. */
INLINE u32 process_in(struct namespace *at)
{
	struct namespace_pid pid = {};
	if (at->ino == FIRST_NAMESPACE)
		return current_pid_tgid() >> 32;
	return namespace_pid_tgid(at->dev, at->ino, &pid, sizeof(pid)) ? 0 : pid.process;
}
