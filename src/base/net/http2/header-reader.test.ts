import * as fc from "fast-check";
import { expect, it } from "vitest";
import { HeaderBlock } from "./header-block.ts";
import { HeaderReader } from "./header-reader.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { encodeFields } from "./hpack-encoder.ts";
import { Flag } from "./protocol.ts";

const maxBytes = 4096;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Blocks that mean the same each time, and such whose meaning depends on what came before. */
const blocks: readonly (readonly [what: string, block: Buffer])[] = [
  ["text only", encodeFields({ ":method": "POST", ":path": "/a.B/C", te: "trailers" })],
  ["text only, one other letter", encodeFields({ ":method": "POST", ":path": "/a.B/D", te: "trailers" })],
  ["an entry for the table", hex("40 01 61 01 31")],
  ["another entry", hex("40 01 61 01 32")],
  ["the newest entry", hex("be")],
  ["the newest entry behind text", hex("83 be")],
  ["no table from here on", hex("20 83")],
  ["the table as it was at first", hex("3f e1 1f 83")],
  ["the table emptied and allowed again", hex("20 3f e1 1f 83")],
  ["malformed", hex("00 01 41 01 31")],
  ["more than is remembered", encodeFields({ long: "x".repeat(2000) })],
  ["too large", encodeFields({ long: "x".repeat(5000) })],
];

it("reads blocks in any order, repeated or not, as a reader that remembers nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...blocks), { maxLength: 30 }), (sequence) => {
      const reader = new HeaderReader(maxBytes, 100);
      const decoder = new HpackDecoder();
      for (const [, bytes] of sequence) {
        const plain = new HeaderBlock(maxBytes, 100);
        const wanted = outcome(() => {
          decoder.decode(bytes, (name, value) => plain.add(name, value));
          return plain;
        });
        const got = outcome(() => reader.begin(Flag.endHeaders, 1, bytes)!.block);
        expect(got).toStrictEqual(wanted);
        // The connection cannot go on.
        if ("error" in wanted) return;
      }
    }),
    { numRuns: 2000 },
  );
});

it("gives the fields of a block that came before without reading it again", () => {
  const reader = new HeaderReader(maxBytes, 100);
  // The first says that there is no table, which changes what follows.
  reader.begin(Flag.endHeaders, 1, blocks[0]![1]);
  // Of a frame that is written over, as the memory of a read may be.
  const bytes = Buffer.from(blocks[0]![1]);
  const first = reader.begin(Flag.endHeaders, 3, bytes)!.block;
  bytes.fill(0);
  const again = reader.begin(Flag.endHeaders | Flag.endStream, 5, blocks[0]![1]);
  expect(again).toMatchObject({ stream: 5, endStream: true });
  expect(again!.block).toBe(first);
  expect(reader.begin(Flag.endHeaders, 7, blocks[1]![1])!.block.fields[":path"]).toBe("/a.B/D");
});

function outcome(read: () => HeaderBlock): object {
  try {
    const { fields, malformed, tooLarge } = read();
    return { fields: { ...fields }, malformed, tooLarge };
  } catch (error) {
    return { error: String(error) };
  }
}
