/** What every store says of what it keeps, over the corpus. */
import { expect, it } from "vitest";
import type { Store } from "../../src/storage/store.ts";
import { context, startMs } from "./store-corpus.ts";

export function usageCases(store: () => Store): void {
  it("says how much of each signal it keeps, of which services, and since when", async () => {
    const report = await store().storage(context);
    const signal = (name: string) => report.signals.find((one) => one.signal === name);
    expect(signal("traces")).toMatchObject({ oldestMs: startMs + 1000 });
    expect(signal("logs")).toMatchObject({ rows: 5 });
    for (const name of ["traces", "metrics", "logs"]) {
      const used = signal(name);
      expect(used?.rows).toBeGreaterThanOrEqual(5);
      expect(used?.bytesOnDisk).toBeGreaterThan(0);
      expect(used?.oldestMs).toBeGreaterThanOrEqual(startMs);
      expect(used?.newestMs).toBeLessThan(startMs + 3_600_000);
    }
    const services = report.services.map(({ signal: of, service, rows }) => `${of} ${service} ${rows}`);
    expect(services.toSorted()).toEqual([
      "logs batch-job 1",
      "logs cart 4",
      "metrics cart 14",
      "traces cart 3",
      "traces storefront 2",
    ]);
    expect(report.services.every(({ bytesOnDisk }) => bytesOnDisk > 0)).toBe(true);
    expect(report.upcoming).toEqual([]);
  });
}
