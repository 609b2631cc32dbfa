/* What system calls move, which way, and how they say where it is. */
#pragma once
#include "chunk.h"
#include "syscall-registers.h"

enum shape { SHAPE_BYTES, SHAPE_VECTOR, SHAPE_MESSAGE, SHAPE_MESSAGES, SHAPE_NOTHING };

INLINE u32 direction_of(u64 number)
{
	switch (number) {
	case CALL_READ:
	case CALL_READV:
	case CALL_RECVFROM:
	case CALL_RECVMSG:
	case CALL_RECVMMSG:
		return CHUNK_IN;
	case CALL_WRITE:
	case CALL_WRITEV:
	case CALL_SENDTO:
	case CALL_SENDMSG:
	case CALL_SENDMMSG:
	case CALL_SENDFILE:
		return CHUNK_OUT;
	case CALL_CLOSE:
		return CHUNK_CLOSE;
	}
	return 0;
}

INLINE u32 shape_of(u64 number)
{
	switch (number) {
	case CALL_READV:
	case CALL_WRITEV:
		return SHAPE_VECTOR;
	case CALL_SENDMSG:
	case CALL_RECVMSG:
		return SHAPE_MESSAGE;
	case CALL_SENDMMSG:
	case CALL_RECVMMSG:
		return SHAPE_MESSAGES;
	case CALL_SENDFILE:
		return SHAPE_NOTHING;
	}
	return SHAPE_BYTES;
}
