import { expect, test } from "vitest";
import { equalSecrets } from "./equal-secrets.ts";
import { isPermanent, messageOf, OtelierError } from "./error.ts";

test("an error carries what retry loops and answers read", () => {
  const cause = new Error("refused");
  const error = new OtelierError("cannot send: refused", {
    code: "connection-failed",
    outcome: "retryable",
    cause,
    retryAfterMs: 500,
    grpcStatus: 14,
  });
  expect(error).toMatchObject({
    name: "OtelierError",
    code: "connection-failed",
    retryAfterMs: 500,
    grpcStatus: 14,
    cause,
  });
  expect(error.rejectedItems).toBeUndefined();
});

test.each([
  ["permanent", new OtelierError("m", { code: "c", outcome: "permanent" }), true],
  ["retryable", new OtelierError("m", { code: "c", outcome: "retryable" }), false],
  ["of another kind", new Error("m"), false],
  ["a text", "m", false],
  ["nothing", undefined, false],
])("an error that is %s is permanent: %s", (_, error, expected) => {
  expect(isPermanent(error)).toBe(expected);
});

test.each([
  [new Error("why"), "why"],
  ["text", "text"],
  [undefined, "undefined"],
  [7, "7"],
])("messageOf %s", (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

test.each([
  ["secret", "secret", true],
  ["secret", "secreT", false],
  ["secret", "secret2", false],
  ["", "", true],
  ["", "x", false],
])('secrets "%s" and "%s" are equal: %s', (left, right, expected) => {
  expect(equalSecrets(left, right)).toBe(expected);
});
