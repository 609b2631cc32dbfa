import { expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("lets what is quick straight through", () => {
  const turnstile = new Turnstile();
  expect(turnstile.enter()).toBeUndefined();
  expect(turnstile.enter()).toBeUndefined();
});

it("gives others a turn between long requests, which keep their order", async () => {
  const turnstile = new Turnstile();
  const happened: string[] = [];
  const request = async (name: string): Promise<void> => {
    await turnstile.enter();
    work(6);
    happened.push(name);
  };
  const requests = ["a", "b", "c"].map(request);
  // What something else wants done in the turn after next.
  setImmediate(() => setImmediate(() => happened.push("query")));
  await Promise.all(requests);
  expect(happened.filter((name) => name !== "query")).toEqual(["a", "b", "c"]);
  expect(happened.indexOf("query")).toBeLessThan(happened.indexOf("c"));
});
