import { expect, it } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import type { ReceiverFactory } from "../../../pipeline/component.ts";
import { nopReceiverFactory } from "./factory.ts";

it("starts and stops without producing anything", async () => {
  const factory = nopReceiverFactory as unknown as ReceiverFactory;
  let batches = 0;
  const next = { mutatesBatch: false, consume: () => Promise.resolve(void batches++) };
  const receiver = factory.create(testSettings("receiver", "nop"), {}, { traces: next });
  await receiver.start({ extension: () => undefined, fail: () => {} });
  await receiver.shutdown();
  expect(batches).toBe(0);
});
