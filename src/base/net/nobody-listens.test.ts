import { expect, test } from "vitest";
import { messageOf, OtelierError } from "../error.ts";
import { nobodyListens } from "./nobody-listens.ts";

const failed = (code: string, address: string): Error =>
  Object.assign(new Error(`connect ${code} ${address}`), { code });
const wrapped = (cause: unknown): Error =>
  new OtelierError("cannot reach it", { code: "connection-failed", outcome: "retryable", cause });
const refusedTwice = new AggregateError([failed("ECONNREFUSED", "::1"), failed("ECONNREFUSED", "127.0.0.1")]);

test.each<readonly [string, unknown, boolean]>([
  ["refused", failed("ECONNREFUSED", "::1"), true],
  ["refused, as a client says it", wrapped(failed("ECONNREFUSED", "::1")), true],
  ["refused at each address", wrapped(refusedTwice), true],
  [
    "too slow at one of two addresses",
    new AggregateError([failed("ECONNREFUSED", "::1"), failed("ETIMEDOUT", "10.0.0.1")]),
    false,
  ],
  ["no address", new AggregateError([]), false],
  ["broken off", wrapped(failed("ECONNRESET", "::1")), false],
  ["no error", undefined, false],
])("%s", (_, error, expected) => {
  expect(nobodyListens(error)).toBe(expected);
});

test("what several addresses answered is told of each", () => {
  expect(messageOf(refusedTwice)).toBe("connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1");
});
