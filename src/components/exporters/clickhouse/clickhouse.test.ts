import { expect, it } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { OtelierError } from "../../../base/error.ts";
import { defaultConfig } from "../../../pipeline/settings/decode.ts";
import type { WriteResult } from "../../../storage/store.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { createClickHouseExporter } from "./clickhouse.ts";
import { clickHouseConfig, type ClickHouseConfig } from "./config.ts";

const host = { extension: () => undefined, fail: () => {} };
const oneSpan = (): Batch =>
  Batch.fromBytes("traces", Uint8Array.of(0x0a, 4, 0x12, 2, 0x12, 0), internalContext);

async function started(write: () => Promise<WriteResult>, config: Partial<ClickHouseConfig> = {}) {
  const settings = testSettings("exporter", "clickhouse");
  const all = { ...defaultConfig(clickHouseConfig), ...config };
  const exporter = createClickHouseExporter(settings, "traces", all, async () => ({
    writer: { write },
    release: () => Promise.resolve(),
  }));
  await exporter.start(host);
  return { exporter, settings };
}

it("answers when the writer has", async () => {
  let finish = (_result: WriteResult): void => {};
  const { exporter } = await started(() => new Promise((resolve) => (finish = resolve)));
  let answered = false;
  const answer = exporter.consume(oneSpan()).then(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(answered).toBe(false);
  finish({ rejected: 0, reason: "" });
  await answer;
});

it("tells how many items were refused, and why", async () => {
  const { exporter, settings } = await started(async () => ({ rejected: 1, reason: "1 spans are odd" }));
  await expect(exporter.consume(oneSpan())).rejects.toMatchObject({
    message: "1 spans are odd",
    outcome: "permanent",
    rejectedItems: 1,
  });
  const labels = { exporter: "clickhouse", data_type: "traces" };
  expect(settings.metrics.read("otelier_exporter_rejected_items", labels)).toBe(1);
});

it("passes on a failure that may pass, without trying again itself", async () => {
  let attempts = 0;
  const { exporter } = await started(() => {
    attempts++;
    return Promise.reject(
      new OtelierError("full", { code: "disk-full", outcome: "retryable", retryAfterMs: 7 }),
    );
  });
  await expect(exporter.consume(oneSpan())).rejects.toMatchObject({ outcome: "retryable", retryAfterMs: 7 });
  expect(attempts).toBe(1);
});
