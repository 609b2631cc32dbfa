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

it("a server goes on after 640 damaged connections", async () => {
  expect(await fuzz(server, 0, (done) => done < 640)).toMatchObject({ inputs: 640 });
}, 60_000);
