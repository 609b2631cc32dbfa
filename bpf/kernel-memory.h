/* Words of the kernel's own memory. What cannot be read is zero. */
#pragma once
#include "kernel.h"

INLINE u64 kernel_long(u64 address)
{
	u64 value = 0;
	read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

INLINE u16 kernel_short(u64 address)
{
	u16 value = 0;
	read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

INLINE u32 kernel_word(u64 address)
{
	u32 value = 0;
	read_kernel(&value, sizeof(value), (void *)address);
	return value;
}
