import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testHost } from "../../../../test/fakes/host.ts";
import { createManualClock } from "../../../../test/fakes/manual-clock.ts";
import type { ClientAuthenticator, ServerAuthenticator } from "../../../pipeline/component.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { createBearerTokenAuth } from "./bearertokenauth.ts";
import { bearerTokenAuthConfig, checkBearerTokenAuth } from "./config.ts";

let folder = "";
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "otelier-bearer-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function create(yaml: string, clock = createManualClock()): ServerAuthenticator & ClientAuthenticator {
  const { value, diagnostics } = decodeSection(
    bearerTokenAuthConfig,
    yamlNode(yaml),
    "extensions.bearertokenauth",
  );
  expect(diagnostics).toEqual([]);
  return createBearerTokenAuth(testSettings("extension", "bearertokenauth", { clock }), value);
}

test.each([
  ["{token: abc}", "authorization", "Bearer abc", undefined],
  ["{token: abc}", "authorization", "bearer abc", "scheme or token does not match"],
  ["{token: abc}", "authorization", "Bearer abd", "scheme or token does not match"],
  ["{token: abc}", "authorization", "Bearer ", "scheme or token does not match"],
  ["{token: abc}", "authorization", "", "missing or empty authorization header: Authorization"],
  ["{token: abc}", "x-key", "Bearer abc", "missing or empty authorization header: Authorization"],
  ["{tokens: [one, two]}", "authorization", "Bearer two", undefined],
  ["{token: abc, scheme: '', header: X-Key}", "x-key", "abc", undefined],
  ["{token: abc, scheme: '', header: X-Key}", "x-key", "Bearer abc", "scheme or token does not match"],
])("a server with %s given %s: %s", async (yaml, header, value, problem) => {
  const result = create(yaml).authenticate(new Map([[header, [value]]]));
  if (problem === undefined) expect(await result).toEqual({ subject: "" });
  else
    await expect(result).rejects.toMatchObject({ message: problem, code: "unauthenticated", grpcStatus: 16 });
});

test("a client presents the first token", async () => {
  expect(await create("{tokens: [one, two]}").requestHeaders()).toEqual({ authorization: "Bearer one" });
  const custom = create("{token: abc, scheme: Token, header: X-Key}");
  expect(await custom.requestHeaders()).toEqual({ "x-key": "Token abc" });
});

test("tokens of a file are followed", async () => {
  const clock = createManualClock();
  const file = join(folder, "tokens");
  writeFileSync(file, "one\n two \n\n");
  const auth = create(`{filename: ${file}}`, clock);
  await auth.start(testHost());
  const given = (token: string): ReadonlyMap<string, readonly string[]> =>
    new Map([["authorization", [`Bearer ${token}`]]]);
  await auth.authenticate(given("two"));
  await expect(auth.authenticate(given(""))).rejects.toThrow("scheme or token does not match");
  writeFileSync(file, "three\n");
  await clock.advance(1001);
  await expect(auth.authenticate(given("two"))).rejects.toThrow("scheme or token does not match");
  await auth.authenticate(given("three"));
  rmSync(file);
  await clock.advance(1001);
  await auth.authenticate(given("three"));
});

test.each([
  ["{}", "no bearer token provided"],
  ["{token: a, tokens: [b]}", "either tokens or token should be provided, not both"],
  ["{filename: x}", undefined],
])("options %s", (yaml, problem) => {
  const node = yamlNode(yaml);
  const { value } = decodeSection(bearerTokenAuthConfig, node, "extensions.bearertokenauth");
  const found = checkBearerTokenAuth(value, node, "extensions::bearertokenauth").map(
    ({ message }) => message,
  );
  expect(found).toEqual(problem === undefined ? [] : [`extensions::bearertokenauth: ${problem}`]);
});
