/*
 * Notes which calls of a gRPC client go out with which write, so that outgoing.bpf.c can give them the trace context of their spans. A call's fields are made in
 * the caller's goroutine; the connection's own writes them into frames, and the frames of several calls with one write.
 */
#pragma once
#include "go-outgoing.h"

/* struct transport.headerFrame: a number, a slice of struct hpack.HeaderField: name, value, a flag. */
#define FRAME_FIELDS 8
#define FIELD_SIZE 40
#define MOST_FIELDS 64

/* Goroutine -> the call that it begins. */
MAP struct map beginning_calls = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), 4096, 0 };
/* Array of fields -> the call. */
MAP struct map field_spans = { MAP_LRU_HASH, sizeof(struct goroutine), sizeof(struct span_context), 4096, 0 };
/* Never written. */
MAP struct map blank_calls = { MAP_ARRAY, 4, sizeof(struct outgoing_calls), 1, 0 };

INLINE void rpc_call_begins(struct goroutine *key, struct span_head *head, struct offsets *offsets)
{
	if (!offsets->propagates)
		return;
	note_sender();
	struct span_context context = { .sampled = head->sampled };
	__builtin_memcpy(context.trace_id, head->trace_id, 16);
	__builtin_memcpy(context.span_id, head->span_id, 8);
	map_update(&beginning_calls, key, &context, 0);
}

/* google.golang.org/grpc/internal/transport.(*controlBuffer).executeAndPut(function, item), in the goroutine of the caller. */
GO_PROGRAM(rpc_call_put)
{
	struct span_context *context = map_lookup(&beginning_calls, key);
	u64 fields[2] = {}, name[2] = {}, first = 0;
	if (!context || read_user(fields, sizeof(fields), (void *)(WORD_3(at) + FRAME_FIELDS)))
		return;
	/* Other items are put, too: that of a call begins with ":method". */
	if (read_user(name, sizeof(name), (void *)fields[0]) || name[1] != 7)
		return;
	if (read_user(&first, 7, (void *)name[0]) || first != 0x646f6874656d3a)
		return;
	struct goroutine by_fields = { fields[0], key->process };
	map_update(&field_spans, &by_fields, context, 0);
	map_delete(&beginning_calls, key);
}

INLINE u32 has_field(u64 fields, u64 count)
{
	for (u64 i = 0; i < MOST_FIELDS && i < count; i++)
		if (is_traceparent(fields + i * FIELD_SIZE))
			return 1;
	return 0;
}

/* (*loopyWriter).writeHeader(stream, ends, fields, function), in the connection's goroutine, which writes its frames later. */
GO_PROGRAM(rpc_call_framed)
{
	struct goroutine by_fields = { WORD_3(at), key->process };
	struct span_context *context = map_lookup(&field_spans, &by_fields);
	struct goroutine writer = writer_of(key->address);
	struct outgoing_calls *framed = map_lookup(&outgoing_calls, &writer);
	u32 zero = 0, stream = WORD_1(at);
	struct span_context copy = {};
	if (context) {
		copy = *context;
		/* The array may be another call's later. */
		map_delete(&field_spans, &by_fields);
	}
	/* One that the program sends by itself stays the only one. */
	if (!context || has_field(WORD_3(at), WORD_4(at))) {
		/* Left over from another connection of a goroutine at the same address. */
		if (framed)
			framed->calls[PLACE_OF_CALL(stream)].stream = 0;
		return;
	}
	if (!framed) {
		void *blank = map_lookup(&blank_calls, &zero);
		if (!blank || map_update(&outgoing_calls, &writer, blank, 0))
			return;
		framed = map_lookup(&outgoing_calls, &writer);
		if (!framed)
			return;
	}
	struct outgoing_call *call = &framed->calls[PLACE_OF_CALL(stream)];
	call->stream = stream;
	char *field = call->field;
	/* No text of more than a word, as in client_write. */
	field[0] = 0;
	field[1] = 11;
	u64 first = 0x7261706563617274; /* "tracepar" */
	__builtin_memcpy(field + 2, &first, 8);
	field[10] = 'e';
	field[11] = 'n';
	field[12] = 't';
	field[13] = 55;
	field[14] = field[15] = '0';
	field[16] = '-';
	write_hex(field + 17, copy.trace_id, 16);
	field[49] = '-';
	write_hex(field + 50, copy.span_id, 8);
	field[66] = '-';
	field[67] = '0';
	field[68] = copy.sampled ? '1' : '0';
}
