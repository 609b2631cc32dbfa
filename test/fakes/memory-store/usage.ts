import type { Signal } from "../../../src/telemetry/signal.ts";
import type { KeptAmount, StorageReport } from "../../../src/storage/usage.ts";

interface Row {
  readonly service: string;
  readonly timeNano: bigint;
}

/** What is in the arrays, with one byte a row; nothing is ever dropped. */
export function usageOf(rows: Readonly<Record<Signal, readonly Row[]>>): StorageReport {
  const all = Object.entries(rows) as [Signal, readonly Row[]][];
  const services = all.flatMap(([signal, own]) =>
    [...new Set(own.map(({ service }) => service))].map((service) => {
      const count = own.filter((row) => row.service === service).length;
      return { signal, service, rows: count, bytesOnDisk: count };
    }),
  );
  return {
    takenMs: 0,
    retention: { maxAgeMs: { traces: 0, metrics: 0, logs: 0 }, maxBytes: 0 },
    diskFreeBytes: 0,
    pendingBytes: 0,
    total: amount(all.flatMap(([, own]) => own)),
    growthBytesPerHour: 0,
    signals: all.map(([signal, own]) => ({ signal, ...amount(own) })),
    tables: [],
    services,
    attributes: [],
    sampledShare: 1,
    upcoming: [],
    keptDays: [],
    dropped: { rows: 0, bytes: 0 },
  };
}

function amount(rows: readonly Row[]): KeptAmount {
  const times = rows.map(({ timeNano }) => Number(timeNano / 1_000_000n));
  return {
    rows: rows.length,
    bytesOnDisk: rows.length,
    parts: rows.length === 0 ? 0 : 1,
    oldestMs: rows.length === 0 ? 0 : Math.min(...times),
    newestMs: rows.length === 0 ? 0 : Math.max(...times),
  };
}
