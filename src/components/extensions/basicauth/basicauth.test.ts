import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testHost } from "../../../../test/fakes/host.ts";
import { createManualClock } from "../../../../test/fakes/manual-clock.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { createBasicAuthClient, createBasicAuthServer } from "./basicauth.ts";
import { basicAuthConfig, checkBasicAuth } from "./config.ts";
import { matchesPassword, parseHtpasswd } from "./htpasswd.ts";

let folder = "";
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "otelier-basicauth-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function headers(credentials: string): ReadonlyMap<string, readonly string[]> {
  return new Map([["authorization", [`Basic ${Buffer.from(credentials).toString("base64")}`]]]);
}

/** Hashes of "secret", made by "openssl passwd -apr1" and "htpasswd -nbB". */
const stored = {
  apr1: "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
  bcrypt: "$2y$10$pHP79759j3mGZrmDJd2MZ.4/WF80oNIl9O09imH/Gx86BCY8oEgKO",
  sha: "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
  ssha: "{SSHA}UgCJjM+VJJYduihDuk0aPpDtY9RzYWx0eQ==",
  plain: "secret",
};

describe("passwords", () => {
  test.each(Object.entries(stored))("%s", async (_, hash) => {
    expect(await matchesPassword("secret", hash)).toBe(true);
    expect(await matchesPassword("Secret", hash)).toBe(false);
    expect(await matchesPassword("", hash)).toBe(false);
    expect(await matchesPassword(hash, hash)).toBe(hash === "secret");
  });
});

test("htpasswd lines: the last one of a user wins, others are named", () => {
  const { users, problems } = parseHtpasswd(
    "# users\n\nann:one\nbob:two:three\nann:four\nnobody\neve:$6$salt$hash\n",
  );
  expect([...users]).toEqual([
    ["ann", "four"],
    ["bob", "two:three"],
  ]);
  expect(problems).toEqual([
    "line 6 is not user:password",
    "line 7 has a SHA-crypt hash, which is not supported: use htpasswd -B",
  ]);
});

describe("a server", () => {
  const server = createBasicAuthServer(testSettings("extension", "basicauth"), {
    file: "",
    inline: `ann:${stored.apr1}\nbob:p:w`,
  });
  test.each([
    ["ann:secret", undefined],
    ["bob:p:w", undefined],
    ["ann:wrong", "invalid credentials"],
    ["eve:secret", "invalid credentials"],
    ["ann", "invalid authorization format"],
  ])("%s", async (credentials, problem) => {
    const result = server.authenticate(headers(credentials));
    if (problem === undefined) expect(await result).toEqual({ subject: credentials.split(":")[0] });
    else
      await expect(result).rejects.toMatchObject({
        message: problem,
        code: "unauthenticated",
        grpcStatus: 16,
      });
  });

  test("without or with other headers", async () => {
    await expect(server.authenticate(new Map())).rejects.toThrow("no basic auth provided");
    const bearer = new Map([["authorization", ["Bearer x"]]]);
    await expect(server.authenticate(bearer)).rejects.toThrow("invalid authorization scheme prefix");
  });

  test("verified credentials are not hashed again, until the users change", async () => {
    const clock = createManualClock();
    const file = join(folder, "htpasswd");
    writeFileSync(file, `ann:${stored.bcrypt}\n`);
    const watching = createBasicAuthServer(testSettings("extension", "basicauth", { clock }), {
      file,
      inline: "",
    });
    await watching.start(testHost());
    await watching.authenticate(headers("ann:secret"));
    const start = process.cpuUsage();
    for (let count = 0; count < 200; count++) await watching.authenticate(headers("ann:secret"));
    // One bcrypt of cost 10 takes tens of milliseconds of the processor; 200 would take seconds.
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
    writeFileSync(file, "ann:other\n");
    utimesSync(file, 1, 1);
    await clock.advance(1001);
    await expect(watching.authenticate(headers("ann:secret"))).rejects.toThrow("invalid credentials");
    await watching.authenticate(headers("ann:other"));
  });

  test("a file that is not there is an error at start", async () => {
    const missing = createBasicAuthServer(testSettings("extension", "basicauth"), {
      file: "/nowhere/users",
      inline: "",
    });
    await expect(missing.start(testHost())).rejects.toThrow('cannot read "/nowhere/users"');
  });
});

test("a client presents what its files hold", async () => {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, "from file\n");
  const client = createBasicAuthClient(testSettings("extension", "basicauth"), {
    username: "ann",
    username_file: "",
    password: "ignored",
    password_file: passwordFile,
  });
  await client.start(testHost());
  expect(await client.requestHeaders()).toEqual({
    authorization: `Basic ${Buffer.from("ann:from file").toString("base64")}`,
  });
});

test.each([
  ["{}", "no credential source provided"],
  ["{htpasswd: {}}", "no credential source provided"],
  [
    "{htpasswd: {inline: 'a:b'}, client_auth: {username: a}}",
    "only one of `htpasswd` or `client_auth` can be specified",
  ],
  ["{client_auth: {username: 'a:b'}}", "invalid authorization format: a user name has no colon"],
  ["{htpasswd: {inline: 'a:b'}}", undefined],
  ["{client_auth: {username: a, password: b}}", undefined],
])("options %s", (yaml, problem) => {
  const node = yamlNode(yaml);
  const { value, diagnostics } = decodeSection(basicAuthConfig, node, "extensions.basicauth");
  expect(diagnostics).toEqual([]);
  const found = checkBasicAuth(value, node, "extensions::basicauth").map((diagnostic) => diagnostic.message);
  expect(found).toEqual(problem === undefined ? [] : [`extensions::basicauth: ${problem}`]);
});
