import { expect, it } from "vitest";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { forwardConnector } from "./forward.ts";

const batch = Batch.fromBytes("logs", Uint8Array.from([0x0a, 0]), internalContext);

it("passes the very batch on", async () => {
  const seen: Batch[] = [];
  const consume = (given: Batch): Promise<void> => Promise.resolve(void seen.push(given));
  await forwardConnector({ mutatesBatch: false, consume }).consume(batch);
  expect(seen).toEqual([batch]);
});

it("answers with the error of what follows", async () => {
  const failure = new Error("down");
  const next = { mutatesBatch: false, consume: () => Promise.reject(failure) };
  await expect(forwardConnector(next).consume(batch)).rejects.toBe(failure);
});
