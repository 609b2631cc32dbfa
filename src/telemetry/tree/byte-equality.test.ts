import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, internalContext } from "../batch.ts";
import { signals, type Signal } from "../signal.ts";
import { messageBytes } from "../testdata/arbitrary-message.ts";
import { decodePlain, plainToTree, unknownFields } from "../testdata/plain.ts";
import { showTree } from "../testdata/show-tree.ts";
import { countItems } from "../wire/count-items.ts";
import { rootSpecs } from "../wire/schema.ts";
import { Attributes } from "./attributes.ts";
import { Message } from "./message.ts";
import { MessageList } from "./message-list.ts";

function treeOf(batch: Batch): Message {
  if (batch.signal === "traces") return batch.traces();
  return batch.signal === "metrics" ? batch.metrics() : batch.logs();
}

function batchOf(signal: Signal, bytes: Uint8Array): Batch {
  return Batch.fromBytes(signal, bytes, internalContext);
}

/** All messages that were opened, at every depth. */
function* everyMessage(message: Message): Generator<Message> {
  yield message;
  for (const field of message.spec.fields) {
    const value = (message as unknown as Record<string, unknown>)[field.name];
    if (value instanceof Message) yield* everyMessage(value);
    if (value instanceof MessageList)
      for (const one of value as MessageList<Message>) yield* everyMessage(one);
  }
}

describe.each(signals)("any valid message of %s", (signal) => {
  const spec = rootSpecs[signal];
  const anyBytes = messageBytes(spec);

  it("is usually deep and has unknown fields, or these tests would show nothing", () => {
    const samples = fc.sample(anyBytes, { numRuns: 100, seed: 1 });
    expect(samples.filter((bytes) => bytes.length > 200).length).toBeGreaterThan(20);
    expect(samples.filter((bytes) => unknownFields(spec, bytes).length > 2).length).toBeGreaterThan(20);
    expect(samples.filter((bytes) => countItems(signal, bytes) > 0).length).toBeGreaterThan(20);
  });

  it("is byte-equal after decoding and reading everything, and reads as the plain decoder reads it", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const batch = batchOf(signal, bytes);
        expect(showTree(treeOf(batch))).toStrictEqual(plainToTree(spec, decodePlain(spec, bytes)));
        expect(Buffer.compare(batch.bytes, bytes)).toBe(0);
        expect(batch.bytes).toBe(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it("means the same when parts are encoded anew, and keeps unknown fields", () => {
    fc.assert(
      fc.property(anyBytes, fc.infiniteStream(fc.boolean()), (bytes, choices) => {
        const batch = batchOf(signal, bytes);
        for (const message of everyMessage(treeOf(batch))) {
          // Empty messages made for a reader would come into being; that is what a change means.
          if (choices.next().value === true && message.node.start < message.node.end)
            message.node.noteChange();
        }
        const encoded = batch.bytes;
        expect(decodePlain(spec, encoded)).toStrictEqual(decodePlain(spec, bytes));
        expect(unknownFields(spec, encoded).sort()).toStrictEqual(unknownFields(spec, bytes).sort());
        const again = batchOf(signal, encoded);
        expect(showTree(treeOf(again))).toStrictEqual(plainToTree(spec, decodePlain(spec, bytes)));
      }),
      { numRuns: 400 },
    );
  });

  it("keeps everything else when attributes are set, and reads what was set", () => {
    fc.assert(
      fc.property(anyBytes, fc.string(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (bytes, key, value) => {
        const batch = batchOf(signal, bytes);
        const tree = treeOf(batch);
        const touched: Attributes[] = [];
        for (const message of everyMessage(tree)) {
          const attributes = (message as unknown as { attributes?: unknown }).attributes;
          if (!(attributes instanceof Attributes)) continue;
          attributes.set(key, value);
          expect(attributes.get(key)).toBe(value);
          touched.push(attributes);
        }
        const shown = showTree(tree);
        const again = batchOf(signal, batch.bytes);
        expect(showTree(treeOf(again))).toStrictEqual(shown);
        if (touched.length === 0) return;
        for (const attributes of touched) attributes.delete(key);
        const plain = showTree(treeOf(batchOf(signal, batch.bytes)));
        expect(JSON.stringify(plain, replacer)).not.toContain(`"${value}n"],["${key}"`);
        expect(showTree(tree)).toStrictEqual(plain);
      }),
      { numRuns: 300 },
    );
  });
});

function replacer(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
