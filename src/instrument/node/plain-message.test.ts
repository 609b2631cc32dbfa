import { createRequire } from "node:module";
import { expect, test } from "vitest";

interface PlainMessage {
  readonly plainMessage: (logged: unknown) => string;
}
const { plainMessage } = createRequire(import.meta.url)("./hook/plain-message.cjs") as PlainMessage;

const stack = `Error: request timed out\n${"    at somewhere (file.js:1:1)\n".repeat(40)}`;

test.each([
  ["words", "words"],
  [JSON.stringify({ stack, message: "request timed out", name: "Error" }), "request timed out"],
  ['{"stack":"cut of', '{"stack":"cut of'],
  ['{"message":""}', '{"message":""}'],
  ['{"message":{"code":1}}', '{"message":{"code":1}}'],
  [new Error("thrown"), "Error: thrown"],
  [undefined, "undefined"],
])("%j", (logged, plain) => expect(plainMessage(logged)).toBe(plain));
