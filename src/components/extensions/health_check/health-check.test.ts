import { afterEach, expect, test } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testHost } from "../../../../test/fakes/host.ts";
import { createManualClock } from "../../../../test/fakes/manual-clock.ts";
import type { Extension } from "../../../pipeline/component.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { createBasicAuthServer } from "../basicauth/basicauth.ts";
import { checkHealthCheck, healthCheckConfig } from "./config.ts";
import { createHealthCheck, type HealthCheck } from "./health-check.ts";

const running: HealthCheck[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((health) => health.shutdown()));
});

async function start(
  yaml: string,
  clock = createManualClock(),
  extensions: Readonly<Record<string, Extension>> = {},
): Promise<HealthCheck> {
  const { value, diagnostics } = decodeSection(healthCheckConfig, yamlNode(yaml), "extensions.health_check");
  expect(diagnostics).toEqual([]);
  const health = createHealthCheck(testSettings("extension", "health_check", { clock }), value);
  await health.start(testHost(extensions));
  running.push(health);
  return health;
}

async function ask(
  health: HealthCheck,
  path = "/",
  headers: Record<string, string> = {},
): Promise<[number, string]> {
  const answer = await fetch(`http://127.0.0.1:${health.port}${path}`, { headers });
  return [answer.status, await answer.text()];
}

const starting = '{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}';

test("the service is available while its pipelines run", async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const health = await start("{endpoint: 'localhost:0'}", clock);
  expect(await ask(health)).toEqual([503, starting]);
  health.pipelinesReady?.();
  await clock.advance(90_500);
  const running = '{"status":"Server available","upSince":"2026-01-02T03:04:05.000Z","uptime":"1m30.5s"}';
  expect(await ask(health)).toEqual([200, running]);
  expect(await ask(health, "/anything")).toEqual([200, running]);
  health.pipelinesStopping?.();
  expect(await ask(health)).toEqual([503, starting]);
});

test("path and bodies are options", async () => {
  const health = await start(
    "{endpoint: 'localhost:0', path: /health, response_body: {healthy: fine, unhealthy: wait}}",
  );
  expect(await ask(health, "/health")).toEqual([503, "wait"]);
  health.pipelinesReady?.();
  expect(await ask(health, "/health?verbose")).toEqual([200, "fine"]);
  expect(await ask(health, "/")).toEqual([404, "404 page not found\n"]);
});

test("it may ask for credentials", async () => {
  const basicauth = createBasicAuthServer(testSettings("extension", "basicauth"), {
    file: "",
    inline: "ann:secret",
  });
  const health = await start(
    "{endpoint: 'localhost:0', auth: {authenticator: basicauth}}",
    createManualClock(),
    { basicauth },
  );
  health.pipelinesReady?.();
  expect(await ask(health)).toEqual([401, "unauthorized\n"]);
  const authorization = `Basic ${Buffer.from("ann:secret").toString("base64")}`;
  expect((await ask(health, "/", { authorization }))[0]).toBe(200);
});

test.each([
  ["{}", []],
  ["{endpoint: ''}", ["bad config: endpoint must be specified"]],
  ["{endpoint: localhost}", ["invalid endpoint: address localhost: missing port in address"]],
  ["{path: health}", ["bad config: path must start with /"]],
])("options %s", (yaml, problems) => {
  const node = yamlNode(yaml);
  const { value } = decodeSection(healthCheckConfig, node, "extensions.health_check");
  const found = checkHealthCheck(value, node, "extensions::health_check").map(({ message }) => message);
  expect(found).toEqual(problems.map((text) => `extensions::health_check: ${text}`));
});
