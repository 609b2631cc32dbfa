import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { freePort } from "../../fakes/free-port.ts";
import { firstLine, fixture, spanWhere, startObserver } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("requests over TLS");
/** Less than the kernel waits with an acknowledgement. */
const waitMs = 30;
const nginx = spawnSync("nginx", ["-v"]).status === 0;

/** Python and nginx use libssl.so, Node.js has OpenSSL inside. */
describe.skipIf(refused !== undefined)("TLS, by otelier ebpf", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-tls-"));
  const [certificate, key] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  const sink = new OtlpSink();
  const started: Started[] = [];
  const ports = new Map<string, string>();
  let observer: Started;

  beforeAll(async () => {
    await sink.listen();
    const made = spawnSync(
      "openssl",
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${certificate}`.split(
        " ",
      ),
    );
    expect(made.status).toBe(0);
    const python = start("python3", [fixture("secure.py"), certificate, key], {
      OTEL_SERVICE_NAME: "python",
    });
    ports.set("python", await firstLine(python));
    const node = start(process.execPath, [fixture("secure.mjs"), certificate, key, ports.get("python")!], {});
    ports.set("node", await firstLine(node));
    started.push(python, node);
    if (nginx) {
      const port = await freePort();
      ports.set("nginx", String(port));
      writeFileSync(path.join(folder, "nginx.conf"), nginxConfig(port));
      started.push(
        start("nginx", ["-c", path.join(folder, "nginx.conf"), "-p", folder, "-g", "daemon off;"], {}),
      );
    }
    const selected = [...ports.values()].flatMap((port) => ["--port", port]);
    const lines = [/ python .*observes/, / node .*observes/, ...(nginx ? [/ nginx .*observes/] : [])];
    observer = await startObserver(sink, selected, lines);
  });
  afterAll(async () => {
    await Promise.all([observer, ...started].map((each) => each.end()));
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(["python", "node", ...(nginx ? ["nginx"] : [])])(
    "%s: what it answers over TLS",
    async (service) => {
      for (let index = 0; index < 5; index++) await get(ports.get(service)!, `/slow?of=${service}`);
      const spans = (): readonly SunkSpan[] =>
        sink.spans.filter(
          (each) =>
            each.service === service && each.kind === 2 && each.attributes["url.query"] === `of=${service}`,
        );
      await expect.poll(() => spans().length).toBe(5);
      expect(spans()[0]!.attributes).toMatchObject({
        "url.scheme": "https",
        "url.path": "/slow",
        "http.response.status_code": "200",
      });
      if (service === "nginx") return;
      expect(Math.min(...spans().map(({ durationMs }) => durationMs))).toBeGreaterThan(195);
    },
  );

  test("python: the last packet of an answer ends it, also when TCP waits with it", async () => {
    // Of head and body, which are written apart, Nagle's algorithm keeps the body until the head is acknowledged.
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const measured: number[] = [];
    for (let index = 0; index < 12; index++) {
      const before = performance.now();
      await get(ports.get("python")!, `/late?n=${index}`, agent);
      measured.push(performance.now() - before);
    }
    expect(Math.max(...measured)).toBeGreaterThan(waitMs);
    for (const [index, measuredMs] of measured.entries()) {
      const span = await spanWhere(sink, (each) => each.attributes["url.query"] === `n=${index}`);
      expect(span.durationMs).toBeLessThan(measuredMs);
      if (measuredMs > waitMs) expect(span.durationMs).toBeGreaterThan(measuredMs / 2);
    }
    agent.destroy();
  });

  test("Node.js asks Python over TLS: a client span with the whole address", async () => {
    await get(ports.get("node")!, "/slow?ask");
    const isIt = (each: SunkSpan): boolean =>
      each.service === "node" &&
      each.kind === 3 &&
      each.attributes["url.full"] === `https://127.0.0.1:${ports.get("python")}/slow?ask`;
    await spanWhere(sink, isIt);
  });

  test("it knows who asks Python, whose descriptor OpenSSL reads", async () => {
    await get(ports.get("python")!, "/who");
    const isIt = (each: SunkSpan): boolean => each.attributes["url.path"] === "/who";
    expect((await spanWhere(sink, isIt)).attributes["client.address"]).toBe("127.0.0.1");
  });

  function nginxConfig(port: number): string {
    return `worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key}; location / { return 200 "ok"; } }
}
`;
  }
});

function get(port: string, target: string, agent: https.Agent | false = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: target, rejectUnauthorized: false, agent };
    https.get(options, (answer) => void answer.resume().on("end", resolve)).on("error", reject);
  });
}
