import { copyFile, rename, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Clock } from "../base/clock.ts";
import { messageOf, OtelierError } from "../base/error.ts";
import { fillOnce } from "./agent-cache.ts";
import { download, sha256Of } from "./download.ts";
import type { InstallOptions } from "./install-options.ts";
import { javaAgent, javaAgentFolder, javaAgentJar } from "./java/agent.ts";
import { startProgress } from "./progress.ts";

const central = "https://repo1.maven.org/maven2";

/**
 * Fills the cache with the OpenTelemetry Java agent, unless it is there; resolves with its jar. Takes it from the local Maven repository
 * when that has it, else from Maven Central or the mirror in OTELIER_MAVEN_REPOSITORY; only a file with the pinned checksum is taken.
 * A download that broke off goes on at the next try. Rejects with "agent-install", one line, remedy included.
 */
export async function installJavaAgent(options: InstallOptions, clock: Clock): Promise<string> {
  await fillOnce(
    javaAgentFolder(options.cache),
    async (folder) => {
      const jar = path.join(folder, path.basename(javaAgentJar(options.cache)));
      if (await copyFromMaven(options.environment, jar)) return;
      const part = `${javaAgentFolder(options.cache)}.jar.part`;
      await fetchJar(part, options, clock);
      await rename(part, jar);
    },
    clock,
  );
  return javaAgentJar(options.cache);
}

async function copyFromMaven(environment: InstallOptions["environment"], jar: string): Promise<boolean> {
  const local = path.join(environment["HOME"] ?? os.homedir(), ".m2", "repository", javaAgent.path);
  try {
    await copyFile(local, jar);
    if ((await sha256Of(jar)) === javaAgent.sha256) return true;
    await rm(jar, { force: true });
  } catch {
    // Not there, which is the usual case.
  }
  return false;
}

async function fetchJar(part: string, options: InstallOptions, clock: Clock): Promise<void> {
  const repository = options.environment["OTELIER_MAVEN_REPOSITORY"] || central;
  const progress = startProgress(
    `downloading the Java agent (${megabytes(javaAgent.sizeBytes)} MB), once`,
    options.output,
  );
  try {
    await download({
      url: `${repository.replace(/\/+$/, "")}/${javaAgent.path}`,
      file: part,
      sha256: javaAgent.sha256,
      sizeBytes: javaAgent.sizeBytes,
      onProgress: (done) => progress.update(megabytes(done), megabytes(javaAgent.sizeBytes)),
      clock,
    });
  } catch (error) {
    throw new OtelierError(
      `cannot install the Java agent: ${messageOf(error)}; connect to the network once and run "otelier setup java", ` +
        `or behind a proxy run "mvn dependency:get -Dartifact=${javaAgent.coordinates}" and then "otelier setup java"`,
      { code: "agent-install", outcome: "permanent" },
    );
  } finally {
    progress.end();
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
