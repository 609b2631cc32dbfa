import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { installJavaAgent } from "./install-java.ts";
import { javaAgent, javaAgentFolder, javaAgentJar } from "./java/agent.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-java-"));
afterAll(() => rmSync(folder, { recursive: true }));
const output = { write: () => undefined };

test("without network: one line with the reason and both remedies, and the program can be started without it", async () => {
  const cache = path.join(folder, "cache");
  const environment = { HOME: folder, OTELIER_MAVEN_REPOSITORY: "http://127.0.0.1:1/maven2/" };
  // A file of that name in the local Maven repository with other content is not taken.
  const local = path.join(folder, ".m2/repository", javaAgent.path);
  mkdirSync(path.dirname(local), { recursive: true });
  writeFileSync(local, "no jar");
  await expect(installJavaAgent({ cache, environment, output }, systemClock)).rejects.toThrow(
    /^cannot install the Java agent: 127\.0\.0\.1:1[^\n]*otelier setup java"[^\n]*mvn dependency:get -Dartifact=\S+:2\.\d+\.\d+" and then "otelier setup java"$/,
  );
  expect(existsSync(javaAgentJar(cache))).toBe(false);
  expect(readdirSync(path.dirname(javaAgentFolder(cache)))).toEqual([]);
});
