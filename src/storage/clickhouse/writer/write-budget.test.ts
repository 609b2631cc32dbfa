import { expect, it } from "vitest";
import { createManualClock } from "../../../../test/fakes/manual-clock.ts";
import { WriteBudget } from "./write-budget.ts";

const longestWaitMs = 5_000;

function scene() {
  const clock = createManualClock();
  const used = { unsafe: 100, pending: 0 };
  const budget = new WriteBudget({
    clock,
    unsafeBytes: () => used.unsafe,
    maxUnsafeBytes: 100,
    pendingBytes: () => used.pending,
    maxPendingBytes: 1_000,
    longestWaitMs,
  });
  const events: string[] = [];
  const write = (name: string): void =>
    void budget.wait().then(
      () => events.push(name),
      (error: unknown) => events.push(`${name}: ${String(error)}`),
    );
  return { clock, used, budget, events, write };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("lets those that waited go on one in a turn, in their order, and nobody before them", async () => {
  const { clock, used, budget, events, write } = scene();
  for (const name of ["a", "b", "c"]) write(name);
  await clock.advance(20);
  expect(events).toEqual([]);
  used.unsafe = 0;
  expect(budget.hasRoom()).toBe(false);
  clock.schedule(10, () => setImmediate(() => events.push("a query")));
  await clock.advance(10);
  while (!budget.hasRoom()) await turn();
  expect(events.indexOf("a query")).toBeLessThan(events.indexOf("c"));
  expect(events.filter((event) => event !== "a query")).toEqual(["a", "b", "c"]);
});

it("stops again as soon as there is no room", async () => {
  const { clock, used, budget, events, write } = scene();
  void budget.wait().then(() => {
    events.push("a");
    used.unsafe = 100;
  });
  write("b");
  used.unsafe = 50;
  await clock.advance(20);
  expect(events).toEqual(["a"]);
  used.unsafe = 50;
  await clock.advance(10);
  expect(events).toEqual(["a", "b"]);
});

it.each([
  ["unsafe", 100, "cannot store telemetry now: the disk is slower than what arrives"],
  ["pending", 1_000, "cannot store telemetry now: the database is behind, 1000 B wait to be inserted"],
] as const)("refuses those that waited too long for room of %s bytes", async (kind, bytes, message) => {
  const { clock, used, budget, events, write } = scene();
  Object.assign(used, { unsafe: 0, pending: 0, [kind]: bytes });
  write("early");
  await clock.advance(longestWaitMs - 1_000);
  write("late");
  await clock.advance(1_010);
  await turn();
  expect(events).toEqual([`early: OtelierError: ${message}`]);
  used.unsafe = used.pending = 0;
  await clock.advance(10);
  while (!budget.hasRoom()) await turn();
  expect(events[1]).toBe("late");
});
