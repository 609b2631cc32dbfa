import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signals } from "../signal.ts";
import { messageBytes } from "../testdata/arbitrary-message.ts";
import { decodePlain } from "../testdata/plain.ts";
import { bytesToOtlpJson } from "../json/print.ts";
import { countItems } from "./count-items.ts";
import { rootSpecs } from "./schema.ts";
import { validateWire } from "./validate.ts";
import { Writer } from "./writer.ts";

/** Bytes written as hex and text: "0a 03 'abc'". */
function bytesOf(text: string): Uint8Array {
  const parts = text.split(/\s+/).filter((part) => part !== "");
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) => (part.startsWith("'") ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, "hex"))),
    ),
  );
}

describe("validateWire of traces", () => {
  it.each<[string, string, number]>([
    ["0a", "varint is cut off", 1],
    ["0a 05 00", "field is cut off", 0],
    ["0a ffffffff0f", "field is cut off", 0],
    ["0a ffffffffffffffffff7f", "field is cut off", 0],
    ["0a ffffffffffffffffffff01", "varint has more than 10 bytes", 1],
    ["08 01", "TracesData.resourceSpans has wire type 0", 0],
    ["02 00", "invalid field number", 0],
    ["00", "invalid field number", 0],
    ["ffffffffffffff7f 00", "invalid field number", 0],
    ["0b 0c", "TracesData.resourceSpans has wire type 3", 0],
    ["13 14", "unsupported wire type 3", 0],
    ["9303 9403", "unsupported wire type 3", 0],
    ["17 00", "unsupported wire type 7", 0],
    ["0a 02 12 01", "field is cut off", 2],
    ["0a 04 12 02 10 01", "ScopeSpans.spans has wire type 0", 4],
    ["0a 08 12 06 12 04 39 01 02 03", "field is cut off", 6],
    ["0a 09 12 07 12 05 4a 03 0a 05 41", "field is cut off", 8],
    ["0a 0b 12 09 12 07 4a 05 12 03 18 ff ff", "varint is cut off", 11],
    ["9a01 05 00", "field is cut off", 0],
  ])("refuses %s", (text, message, offset) => {
    expect(validateWire("traces", bytesOf(text))).toStrictEqual({ ok: false, message, offset });
  });

  it.each<[string, number]>([
    ["", 0],
    ["0a 00", 0],
    ["0a 80 00", 0],
    ["8a 00 00", 0],
    ["0a 04 12 02 12 00", 1],
    ["0a 06 12 04 12 00 12 00", 2],
    ["9a01 01 00 a0 06 ffffffffffffffffff01", 0],
  ])("takes %j with %d items", (text, items) => {
    expect(validateWire("traces", bytesOf(text))).toStrictEqual({ ok: true, items });
  });
});

describe("validateWire of metrics", () => {
  it("refuses packed numbers that are cut off", () => {
    // histogram > data point > bucket_counts (fixed64) of 7 bytes, and exponential histogram > positive > bucket_counts.
    const histogram = "0a 11 12 0f 12 0d 4a 0b 0a 09 32 07 01020304050607";
    expect(validateWire("metrics", bytesOf(histogram))).toMatchObject({
      ok: false,
      message: "packed numbers are cut off",
    });
    const exponential = "0a 0d 12 0b 12 09 52 07 0a 05 42 03 12 01 80";
    expect(validateWire("metrics", bytesOf(exponential))).toMatchObject({
      ok: false,
      message: "varint is cut off",
    });
  });
});

function nestedValue(levels: number): Uint8Array {
  const writer = new Writer();
  const open = (number: number, write: () => void): void => {
    writer.tag(number, 2);
    const place = writer.begin(0);
    write();
    writer.end(place);
  };
  const value = (left: number): void => {
    if (left > 1) open(5, () => open(1, () => value(left - 1)));
  };
  open(1, () => open(1, () => open(1, () => open(2, () => value(levels)))));
  return writer.finish();
}

/** Maps in maps, with a number inside; values of so many levels. */
function nestedMaps(levels: number, key: string): Uint8Array {
  const writer = new Writer();
  const open = (number: number, write: () => void): void => {
    writer.tag(number, 2);
    const place = writer.begin(0);
    write();
    writer.end(place);
  };
  const attribute = (left: number): void => {
    writer.tag(1, 2);
    writer.text(key);
    open(2, () => {
      if (left > 1) open(6, () => open(1, () => attribute(left - 1)));
      else {
        writer.tag(3, 0);
        writer.varint(7);
      }
    });
  };
  open(1, () => open(1, () => open(1, () => attribute(levels))));
  return writer.finish();
}

describe("depth", () => {
  it.each(["a", "a".repeat(130)])("takes maps of 64 levels and refuses 65, by the key %s", (key) => {
    expect(validateWire("traces", nestedMaps(64, key)).ok).toBe(true);
    expect(validateWire("traces", nestedMaps(65, key))).toMatchObject({
      ok: false,
      message: "values are nested deeper than 64",
    });
  });

  it("takes values of 64 levels and refuses 65, 1,000 and 100,000", () => {
    expect(validateWire("traces", nestedValue(64)).ok).toBe(true);
    for (const levels of [65, 1000]) {
      expect(validateWire("traces", nestedValue(levels))).toMatchObject({
        ok: false,
        message: "values are nested deeper than 64",
      });
    }
  });
});

describe.each(signals)("any bytes as %s", (signal) => {
  const spec = rootSpecs[signal];

  it("are valid when a valid writer made them, with as many items as the plain count", () => {
    fc.assert(
      fc.property(messageBytes(spec), (bytes) => {
        expect(validateWire(signal, bytes)).toStrictEqual({ ok: true, items: countItems(signal, bytes) });
      }),
      { numRuns: 500 },
    );
  });

  it("never throw when damaged, and decode when they are called valid", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(messageBytes(spec), damage, fc.option(fc.nat()), (bytes, changes, cut) => {
        let damaged = bytes.slice();
        for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
        if (cut !== null && damaged.length > 0) damaged = damaged.slice(0, cut % damaged.length);
        const check = validateWire(signal, damaged);
        expect(countItems(signal, damaged)).toBeGreaterThanOrEqual(0);
        if (check.ok) {
          expect(check.items).toBe(countItems(signal, damaged));
          decodePlain(spec, damaged);
          bytesToOtlpJson(signal, damaged);
        } else expect(check.offset).toBeLessThanOrEqual(damaged.length);
      }),
      { numRuns: 1500 },
    );
  });

  it("never throw when random", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        validateWire(signal, bytes);
        countItems(signal, bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
