import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { missing, Project, testSink } from "./harness.ts";

/** Programs whose environment came from `otelier run --dry-run`, as in a container: nobody takes the spool. */
const programs = [
  ["node", "app.js", `console.log("hello");`],
  ["python3", "app.py", `import logging\nlogging.warning("hello")\n`],
] as const;

const sink = testSink();

describe.each(programs)("%s with the printed environment", (runtime, file, code) => {
  const skip = missing(runtime === "node" ? "node" : "python");

  async function environmentOf(project: Project, endpoint: string): Promise<NodeJS.ProcessEnv> {
    // The agent comes into the cache by a first run with the launcher.
    expect(await project.run(sink, [runtime, file]).ended).toBe(0);
    const printed = project.run(sink, [runtime, file], { words: ["--dry-run", "--format", "json"] });
    expect(await printed.ended).toBe(0);
    const variables = JSON.parse(printed.stdout) as Record<string, string>;
    return { ...process.env, ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  }

  test.skipIf(skip !== undefined)("what it logged arrives before it ends", async () => {
    const project = new Project({ [file]: code });
    const env = await environmentOf(project, sink.endpoint);
    sink.clear();
    const child = spawn(runtime, [file], { cwd: project.folder, env, stdio: "ignore" });
    expect((await once(child, "exit"))[0]).toBe(0);
    expect(sink.logs.map((log) => log.body)).toEqual(["hello"]);
    expect(sink.metrics.length).toBeGreaterThan(0);
  });

  test.skipIf(skip !== undefined)("it ends without trying again when nobody answers", async () => {
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.on("error", () => undefined).destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const project = new Project({ [file]: code });
    const env = await environmentOf(project, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    // Nothing is sent before the end.
    const late = Object.fromEntries(
      ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"].map((name) => [
        name,
        "600000",
      ]),
    );
    const child = spawn(runtime, [file], { cwd: project.folder, env: { ...env, ...late }, stdio: "ignore" });
    expect((await once(child, "exit"))[0]).toBe(0);
    server.close();
    // Logs and metrics, once each: to try again would mean to wait, for seconds.
    expect(calls).toBe(2);
  });
});
