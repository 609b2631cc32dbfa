import { expect, it } from "vitest";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { nopExporter } from "./nop.ts";

it("takes what it is given", async () => {
  const batch = Batch.fromBytes("traces", Uint8Array.from([0x0a, 0]), internalContext);
  await expect(nopExporter.consume(batch)).resolves.toBeUndefined();
});
