/** What a plain YAML scalar means to Go's yaml.v3 (resolve.go), which decides for the Collector: YAML 1.2 with 1.1's octal numbers. */
export type ScalarValue = null | string | number | bigint | boolean;

const words = new Map<string, ScalarValue>([
  ["", null],
  ["~", null],
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  [".nan", NaN],
  [".NaN", NaN],
  [".NAN", NaN],
  [".inf", Infinity],
  [".Inf", Infinity],
  [".INF", Infinity],
  ["+.inf", Infinity],
  ["-.inf", -Infinity],
  ["-.Inf", -Infinity],
  ["-.INF", -Infinity],
]);

/** "0123" is 83, "0xff" 255, "1_000" 1000, "yes" a string. Integers beyond 2^53 are bigints. */
export function resolveScalar(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  const plain = text.replaceAll("_", "");
  const integer = /^([-+]?)(0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|0[0-7]*|[1-9][0-9]*)$/.exec(plain);
  if (integer !== null) {
    const digits = (integer[2] ?? "0").replace(/^0(?=[0-7]+$)/, "0o");
    const value = integer[1] === "-" ? -BigInt(digits) : BigInt(digits);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  return /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain) ? Number(plain) : text;
}
