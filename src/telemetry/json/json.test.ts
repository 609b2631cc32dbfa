import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signals, type Signal } from "../signal.ts";
import { messageBytes } from "../testdata/arbitrary-message.ts";
import { decodePlain, plainToJson, type Plain } from "../testdata/plain.ts";
import { rootSpecs } from "../wire/schema.ts";
import { validateWire } from "../wire/validate.ts";
import { otlpJsonToBytes, type JsonParsed } from "./parse.ts";
import { bytesToOtlpJson } from "./print.ts";

function parse(signal: Signal, text: string): JsonParsed {
  return otlpJsonToBytes(signal, new TextEncoder().encode(text));
}

/** The parsed message as the plain decoder reads it. */
function parsedPlain(signal: Signal, text: string): Plain {
  const parsed = parse(signal, text);
  if (!parsed.ok) throw new Error(`${parsed.message} at ${parsed.path}`);
  expect(validateWire(signal, parsed.bytes).ok).toBe(true);
  return decodePlain(rootSpecs[signal], parsed.bytes);
}

describe.each(signals)("OTLP/JSON of %s", (signal) => {
  const spec = rootSpecs[signal];

  it("prints what the plain printer prints", () => {
    fc.assert(
      fc.property(messageBytes(spec), (bytes) => {
        const printed: unknown = JSON.parse(bytesToOtlpJson(signal, bytes));
        expect(printed).toStrictEqual(plainToJson(spec, decodePlain(spec, bytes)));
      }),
      { numRuns: 400 },
    );
  });

  it("parses what was printed to an equal message, in either spelling of names and with spaces", () => {
    fc.assert(
      fc.property(messageBytes(spec), fc.boolean(), (bytes, snake) => {
        let text = JSON.stringify(JSON.parse(bytesToOtlpJson(signal, bytes)), null, 2);
        // JSON.stringify drops the sign of zero.
        if (bytesToOtlpJson(signal, bytes).includes("-0")) text = bytesToOtlpJson(signal, bytes);
        if (snake) {
          text = text.replaceAll(
            /"([a-z]\w*)":/g,
            (_, name: string) => `"${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" :`,
          );
        }
        expect(parsedPlain(signal, text)).toStrictEqual(decodePlain(spec, bytes));
      }),
      { numRuns: 400 },
    );
  });

  it("answers any damaged text with a result and a place inside it", () => {
    const damage = fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          '"',
          "\\",
          "0",
          "-",
          "e",
          "u",
          " ",
          "\u0000",
          "null",
          "1e999",
        ),
      ),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(messageBytes(spec), damage, (bytes, changes) => {
        let text = bytesToOtlpJson(signal, bytes);
        for (const [at, put] of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + (at % 3));
        }
        const json = new TextEncoder().encode(text);
        const parsed = otlpJsonToBytes(signal, json);
        if (parsed.ok) {
          expect(validateWire(signal, parsed.bytes).ok).toBe(true);
          expect(() => JSON.parse(text) as unknown).not.toThrow();
        } else {
          expect(parsed.offset).toBeLessThanOrEqual(json.length);
          expect(parsed.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

const span = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;
const point = (fields: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{${fields}}]}}]}]}]}`;

function firstSpan(fields: string): unknown {
  const plain = parsedPlain("traces", span(fields)) as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
  };
  return plain.resourceSpans[0]?.scopeSpans[0]?.spans[0];
}

describe("a span in OTLP/JSON", () => {
  it.each<[string, unknown]>([
    [
      `"traceId":"5B8EFFF798038103D269B633813FC60C"`,
      { traceId: Uint8Array.from(Buffer.from("5b8efff798038103d269b633813fc60c", "hex")) },
    ],
    [`"startTimeUnixNano":"1544712660300000000"`, { startTimeUnixNano: 1544712660300000000n }],
    [`"startTimeUnixNano":1544712660300000000`, { startTimeUnixNano: 1544712660300000000n }],
    [`"startTimeUnixNano":1e3`, { startTimeUnixNano: 1000n }],
    [`"kind":2`, { kind: 2 }],
    [`"kind":"SPAN_KIND_SERVER"`, { kind: 2 }],
    [`"kind":"2"`, { kind: 2 }],
    [`"kind":77`, { kind: 77 }],
    [`"name":null,"kind":0`, {}],
    [`"name":"a\\"\\u00e9\\ud83c\\udf89\\n"`, { name: 'a"é🎉\n' }],
    [`"na\\u006de":"x"`, { name: "x" }],
    [
      `"flags":257,"unknown":{"a":[1,{"b":"}]"}],"c":null},"trace_state":"k=v"`,
      { flags: 257, traceState: "k=v" },
    ],
    [
      `"attributes":[{"key":"a","value":null},{"key":"b"},null]`,
      { attributes: [{ key: "a" }, { key: "b" }, {}] },
    ],
    [
      `"attributes":[{"key":"a","value":{"intValue":"-5"}}]`,
      { attributes: [{ key: "a", value: { intValue: -5n } }] },
    ],
    [
      `"attributes":[{"key":"a","value":{"bytesValue":"aGk"}}]`,
      { attributes: [{ key: "a", value: { bytesValue: Uint8Array.of(104, 105) } }] },
    ],
    [
      `"attributes":[{"key":"a","value":{"doubleValue":"-Infinity"}}]`,
      { attributes: [{ key: "a", value: { doubleValue: Number.NEGATIVE_INFINITY } }] },
    ],
    [
      `"attributes":[{"key":"a","value":{"doubleValue":3}}]`,
      { attributes: [{ key: "a", value: { doubleValue: 3 } }] },
    ],
    [
      `"attributes":[{"key":"a","value":{"stringValue":""}}]`,
      { attributes: [{ key: "a", value: { stringValue: "" } }] },
    ],
    [
      `"attributes":[{"key":"a","value":{"arrayValue":{}}}]`,
      { attributes: [{ key: "a", value: { arrayValue: {} } }] },
    ],
  ])("%s", (fields, expected) => {
    expect(firstSpan(fields)).toStrictEqual(expected);
  });

  it.each<[string, string, string]>([
    [`"name":5`, 'expected a string, got "5"', "name"],
    [`"name":"a`, "a string does not end", "name"],
    [`"name":"\\x"`, "a string holds an invalid escape", "name"],
    [`"name":"\\u00\u00101"`, "a string holds an invalid escape", "name"],
    [`"traceId":"010203"`, '"010203" has a length of 3 instead of 16 bytes', "traceId"],
    [`"spanId":"${"0a".repeat(16)}"`, `"${"0a".repeat(16)}" has a length of 16 instead of 8 bytes`, "spanId"],
    [
      `"attributes":[{"value":{"doubleValue":1e999}}]`,
      "1e999 is out of range",
      "attributes[0].value.doubleValue",
    ],
    [
      `"attributes":[{"value":{"doubleValue":"-1e999"}}]`,
      "-1e999 is out of range",
      "attributes[0].value.doubleValue",
    ],
    [`"traceId":"xyz1"`, '"xyz1" is not hex', "traceId"],
    [`"traceId":"abc"`, '"abc" is not hex', "traceId"],
    [`"startTimeUnixNano":"-1"`, "-1 is out of range", "startTimeUnixNano"],
    [
      `"startTimeUnixNano":"18446744073709551616"`,
      "18446744073709551616 is out of range",
      "startTimeUnixNano",
    ],
    [`"startTimeUnixNano":1.5`, '"1.5" is not a whole number', "startTimeUnixNano"],
    [`"kind":"SPAN_KIND_NONE"`, '"SPAN_KIND_NONE" is not a whole number', "kind"],
    [`"events":{}`, 'expected an array, got "{"', "events"],
    [`"status":[]`, 'expected an object, got "["', "status"],
    [`"events":[{"name":tru}]`, 'expected a string, got "t"', "events[0].name"],
    [`"droppedAttributesCount":4294967296`, "4294967296 is out of range", "droppedAttributesCount"],
    [`"unknown":01`, 'expected a number, got "0"', "unknown"],
  ])("refuses %s", (fields, message, path) => {
    const parsed = parse("traces", span(fields));
    expect(parsed).toMatchObject({
      ok: false,
      message,
      path: `resourceSpans[0].scopeSpans[0].spans[0].${path}`,
    });
  });

  it("tells line and column", () => {
    expect(parse("traces", '{\n  "resourceSpans": [\n    7\n  ]\n}')).toMatchObject({
      ok: false,
      line: 3,
      column: 5,
      path: "resourceSpans[0]",
      message: 'expected an object, got "7"',
    });
  });

  it.each(["", "[]", "null", "{} {}", "{", '{"resourceSpans":[}', "\ufeff{}"])(
    "refuses the text %j",
    (text) => {
      expect(parse("traces", text).ok).toBe(false);
    },
  );
});

describe("nesting", () => {
  const nested = (levels: number): string =>
    `"attributes":[{"key":"a","value":${'{"arrayValue":{"values":['.repeat(levels - 1)}{"intValue":1}${"]}}".repeat(levels - 1)}}]`;

  it("takes 64 levels of values and refuses 65", () => {
    expect(parse("traces", span(nested(64))).ok).toBe(true);
    expect(parse("traces", span(nested(65)))).toMatchObject({
      ok: false,
      message: "values are nested deeper than 64",
    });
  });

  it("survives a million open brackets", () => {
    expect(parse("traces", `{"unknown":${"[".repeat(1_000_000)}`).ok).toBe(false);
    expect(
      parse("traces", span(`"attributes":${'[{"value":{"arrayValue":{"values":'.repeat(100_000)}`)).ok,
    ).toBe(false);
  });
});

describe("a data point in OTLP/JSON", () => {
  it("keeps zero values of oneofs and packs repeated numbers", () => {
    const plain = parsedPlain("metrics", point(`"asInt":"0"`));
    expect(
      JSON.stringify(plain, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    ).toContain('"asInt":"0"');
    const histogram = parse(
      "metrics",
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":["1",2],"explicitBounds":[0.5]}]}}]}]}]}`,
    );
    expect(histogram.ok && Buffer.from(histogram.bytes).toString("hex")).toContain(
      "3210010000000000000002000000000000003a08000000000000e03f",
    );
  });
});
