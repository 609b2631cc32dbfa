import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Our own small agent that JAVA_TOOL_OPTIONS names: it decides in each JVM and reports, see hook/otelier/hook/Agent.java. Built by javac
 * (scripts/build.mjs); missing in a package that was built without.
 */
export const javaHook: string = builtFile();

/** The OpenTelemetry Java agent, from Maven Central: exactly this file. */
export const javaAgent = {
  version: "2.31.1",
  sha256: "bbf83c151b6400709e2f225bdd07a04f839d9d13b8b93464241333fd25d3e3ba",
  sizeBytes: 25_107_554,
  /** Below the root of a Maven repository, remote or local. */
  path: "io/opentelemetry/javaagent/opentelemetry-javaagent/2.31.1/opentelemetry-javaagent-2.31.1.jar",
  coordinates: "io.opentelemetry.javaagent:opentelemetry-javaagent:2.31.1",
} as const;

/** The folder that exists once the agent is complete in it. */
export function javaAgentFolder(cache: string): string {
  return path.join(cache, "java", javaAgent.version);
}

export function javaAgentJar(cache: string): string {
  return path.join(javaAgentFolder(cache), "opentelemetry-javaagent.jar");
}

/** Compiled and as source this module lies two folders below its root. */
function builtFile(): string {
  const own = import.meta.url;
  return fileURLToPath(
    new URL(`${own.endsWith(".ts") ? "../../../dist/java/" : "../../java/"}otelier-java-hook.jar`, own),
  );
}
