/** A short run of the fuzzer (test/fuzz); `npm run fuzz -- --seconds N` is the long one. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzz } from "../fuzz/run.ts";
import { serverTarget } from "../fuzz/server-target.ts";
import { pureTargets, type Target } from "../fuzz/targets.ts";

let server: Target;
beforeAll(async () => {
  server = await serverTarget();
});
afterAll(() => server.close?.());

it.each(pureTargets)("$name: 1,000 damaged inputs are refused or taken, never more", async (target) => {
  expect(await fuzz(target, 0, (done) => done < 1000)).toMatchObject({ inputs: 1000 });
});

it("a server goes on after 100 damaged connections", async () => {
  // Side by side: a connection that makes no sense any more stays until its time is over.
  const parts = Array.from({ length: 10 }, (_, at) => fuzz(server, at * 10, (done) => done < 10));
  expect((await Promise.all(parts)).map(({ inputs }) => inputs)).toEqual(parts.map(() => 10));
}, 60_000);
