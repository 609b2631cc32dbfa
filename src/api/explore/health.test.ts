import { expect, test } from "vitest";
import { createMemoryStore } from "../../../test/fakes/memory-store/memory-store.ts";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import type { HttpRequest } from "../../base/net/http-message.ts";
import type { Store } from "../../storage/store.ts";
import { createHealth } from "./health.ts";

const memory = createMemoryStore();
const never: Store["status"] = () => new Promise(() => {});

interface Case {
  readonly store?: Partial<Store>;
  readonly receiving?: boolean;
}

async function ask(path: string, { store = {}, receiving = true }: Case = {}) {
  const clock = createManualClock(5000);
  const answer = createHealth({
    store: { ...memory, ...store },
    clock,
    startedUnixMs: 1000,
    isReceiving: () => receiving,
  });
  const response = answer({ method: "GET", path } as HttpRequest);
  await clock.advance(3000);
  const { status = 0, body = "" } = (await response) ?? {};
  return { status, body: JSON.parse(typeof body === "string" && body !== "" ? body : "null") as unknown };
}

const down = { ...memory.counts(), engineUp: false, engineRestarts: 4, pendingBytes: 9 };

test("is alive whatever the store does", async () => {
  expect(await ask("/api/health", { store: { counts: () => down, status: never } })).toEqual({
    status: 200,
    body: { status: "alive", uptimeMs: 4000 },
  });
  expect((await ask("/api/status")).status).toBe(0);
});

test.each<[string, Case, readonly [string, RegExp][]]>([
  ["when all is well", {}, []],
  [
    "with a dead engine",
    { store: { counts: () => down } },
    [["engine-down", /does not run \(restarts so far: 4\)/]],
  ],
  ["with a database that hangs", { store: { status: never } }, [["engine-down", /not answer within 3 s/]]],
  [
    "with a database that fails",
    { store: { status: () => Promise.reject(new Error("no")) } },
    [["engine-down", /not answer/]],
  ],
  ["while it stops", { receiving: false }, [["pipelines-down", /no telemetry is received/]]],
  [
    "with several reasons",
    { receiving: false, store: { counts: () => down } },
    [
      ["pipelines-down", /./],
      ["engine-down", /./],
    ],
  ],
])("readiness %s", async (_, state, wanted) => {
  const { status, body } = await ask("/api/ready", state);
  expect(status).toBe(wanted.length === 0 ? 200 : 503);
  expect(body).toMatchObject({
    status: wanted.length === 0 ? "ready" : "not-ready",
    reasons: wanted.map(([code, message]) => ({ code, message: expect.stringMatching(message) as string })),
  });
});
