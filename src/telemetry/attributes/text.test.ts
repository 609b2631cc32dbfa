import { describe, expect, it } from "vitest";
import { Attributes, type AnyValue } from "../tree/attributes.ts";
import { anyValueToString } from "./text.ts";

describe("anyValueToString", () => {
  const cases = [
    ["a <b>", "a <b>"],
    ["", ""],
    [null, ""],
    [true, "true"],
    [-9223372036854775808n, "-9223372036854775808"],
    [1, "1"],
    [1.5, "1.5"],
    [-0, "-0"],
    [1e21, "1e+21"],
    [1e20, "100000000000000000000"],
    [1e-7, "1e-7"],
    [0.000001, "0.000001"],
    [Number.NaN, "json: unsupported value: NaN"],
    [Number.NEGATIVE_INFINITY, "json: unsupported value: -Inf"],
    [Uint8Array.of(1, 2, 255), "AQL/"],
    [[], "[]"],
    [
      ["<&>", 1n, 2.5, true, null, Uint8Array.of(1)],
      String.raw`["\u003c\u0026\u003e",1,2.5,true,null,"AQ=="]`,
    ],
    [['\u2028 \b\f\n"\\\u007f é'], String.raw`["\u2028 \b\f\n\"\\` + '\u007f é"]'],
    [["\ud800"], '["\ufffd"]'],
    [[1, Number.NaN], ""],
    [Attributes.of([]), "{}"],
    [
      Attributes.of([
        ["b", 1n],
        ["a", Attributes.of([["z", [null]]])],
      ]),
      '{"a":{"z":[null]},"b":1}',
    ],
    [
      Attributes.of([
        ["\u{1f389}", 1n],
        ["\uff5e", 2n],
      ]),
      '{"\uff5e":2,"\u{1f389}":1}',
    ],
  ] satisfies [AnyValue, string][];

  it.each(cases.map(([value, expected]) => [expected, value] as const))("gives %s", (expected, value) => {
    expect(anyValueToString(value)).toBe(expected);
  });
});
