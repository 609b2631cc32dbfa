import { describe, expect, it } from "vitest";
import { OtelierError } from "../../base/error.ts";
import { Batch, internalContext } from "../../telemetry/batch.ts";
import type { Consumer } from "../component.ts";
import { fanOut } from "./fanout.ts";

const batch = (): Batch => Batch.fromBytes("traces", Uint8Array.from([0x0a, 0]), internalContext);

function target(
  options: { mutates?: boolean; answer?: () => Promise<void> } = {},
): Consumer & { seen: Batch[] } {
  const seen: Batch[] = [];
  return {
    seen,
    mutatesBatch: options.mutates ?? false,
    consume: (given) => {
      seen.push(given);
      return options.answer?.() ?? Promise.resolve();
    },
  };
}

const failing =
  (outcome: "retryable" | "permanent", message: string, retryAfterMs?: number) => (): Promise<void> =>
    Promise.reject(
      new OtelierError(message, {
        code: message,
        outcome,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
    );

describe("fanOut", () => {
  it("gives the very batch to those who only read, and copies to those who change it", async () => {
    const targets = [target(), target({ mutates: true }), target(), target({ mutates: true })];
    const original = batch();
    await fanOut(targets).consume(original);
    expect(targets.map(({ seen }) => seen[0] === original)).toEqual([true, false, true, false]);
    expect(targets[1]?.seen[0]).not.toBe(targets[3]?.seen[0]);
  });

  it("gives the original to the last when all change it, and says so", async () => {
    const targets = [target({ mutates: true }), target({ mutates: true })];
    const original = batch();
    const all = fanOut(targets);
    await all.consume(original);
    expect(all.mutatesBatch).toBe(true);
    expect(targets.map(({ seen }) => seen[0] === original)).toEqual([false, true]);
  });

  it("is the target itself when there is one", () => {
    const only = target();
    expect(fanOut([only])).toBe(only);
  });

  it("reaches all although one never answers and one fails", async () => {
    const targets = [
      target({ answer: () => new Promise(() => {}) }),
      target({ answer: failing("permanent", "no") }),
      target(),
    ];
    void fanOut(targets).consume(batch());
    await Promise.resolve();
    expect(targets.map(({ seen }) => seen.length)).toEqual([1, 1, 1]);
  });

  it.each([
    [[failing("retryable", "a")], "retryable", "a", undefined],
    [[failing("retryable", "a", 100), failing("retryable", "b", 500)], "retryable", "a; b", 500],
    [[failing("retryable", "a"), failing("permanent", "b")], "permanent", "a; b", undefined],
  ] as const)("joins errors (%#)", async (answers, outcome, message, retryAfterMs) => {
    const all = fanOut([target(), ...answers.map((answer) => target({ answer }))]);
    await expect(all.consume(batch())).rejects.toMatchObject({ outcome, message, retryAfterMs });
  });
});
