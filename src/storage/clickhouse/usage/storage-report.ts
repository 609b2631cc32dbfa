/** Puts together what is kept: parts of all tables, a sample for services and attributes, and what retention does next. */
import { statfs } from "node:fs/promises";
import { signals } from "../../../telemetry/signal.ts";
import type {
  AttributeUsage,
  KeptAmount,
  KeptSignal,
  RetentionSettings,
  ServiceUsage,
  SignalUsage,
  StorageReport,
  TableKept,
} from "../../usage.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { signalOfTable } from "../schema/table-signals.ts";
import { logsTable, tables, tracesTable } from "../schema/tables.ts";
import { pointTables } from "../transfer/exported-tables.ts";
import { agesOf } from "../writer/retention/age-rules.ts";
import { amountOf, forecastDrops } from "../writer/retention/forecast.ts";
import type { KeptDays } from "../writer/retention/kept-days.ts";
import { readParts, type TablePart } from "../writer/retention/parts.ts";
import { readEdges } from "../writer/retention/read-edges.ts";
import { sampledTables, sampleTable, strideOf } from "./sample.ts";
import { readMetricServices } from "./metric-services.ts";

export interface ReportSources {
  readonly client: ClickHouseClient;
  readonly dataDirectory: string;
  readonly retention: RetentionSettings;
  readonly keptDays: KeptDays;
  readonly nowMs: number;
  readonly pendingBytes: number;
  readonly dropped: StorageReport["dropped"];
}

/** Longest list of services, and of attributes. */
const listed = 100;

export async function reportStorage(sources: ReportSources, context: ReadContext): Promise<StorageReport> {
  const { client, retention, keptDays, nowMs } = sources;
  const parts = await readParts(
    client,
    tables.map((table) => table.name),
  );
  const ofTable = (table: string): readonly TablePart[] => parts.filter((part) => part.table === table);
  const kept: readonly TableKept[] = tables.map(({ name }) => ({
    table: name,
    signal: signalOfTable(name),
    ...amountOf(ofTable(name)),
  }));
  const edges = await readEdges(client, parts, retention);
  const costs = await readCosts(client, kept, context);
  return {
    takenMs: nowMs,
    retention: { maxAgeMs: agesOf(retention, context.tenant), maxBytes: retention.maxBytes },
    diskFreeBytes: await freeBytes(sources.dataDirectory),
    pendingBytes: sources.pendingBytes,
    total: itemsOf(parts),
    ...forecastDrops(parts, retention, nowMs, keptDays.untilOf, edges),
    signals: [...signals, "shared" as const].map((signal) => usageOf(signal, parts)),
    tables: kept,
    ...costs,
    keptDays: keptDays.list(nowMs),
    dropped: sources.dropped,
  };
}

function usageOf(signal: KeptSignal, parts: readonly TablePart[]): SignalUsage {
  return { signal, ...itemsOf(parts.filter(({ table }) => signalOfTable(table) === signal)) };
}

/** Of spans, data points and log records there is one row each in these tables. */
const itemTables: ReadonlySet<string> = new Set(
  [tracesTable, logsTable, ...pointTables].map((table) => table.name),
);

function itemsOf(parts: readonly TablePart[]): KeptAmount {
  const { rows } = amountOf(parts.filter(({ table }) => itemTables.has(table)));
  return { ...amountOf(parts), rows };
}

async function readCosts(
  client: ClickHouseClient,
  kept: readonly TableKept[],
  context: ReadContext,
): Promise<Pick<StorageReport, "services" | "attributes" | "sampledShare">> {
  const services: ServiceUsage[] = [];
  const attributes: AttributeUsage[] = [];
  let rows = 0;
  let looked = 0;
  for (const sampled of sampledTables) {
    const table = kept.find((one) => one.table === sampled.table);
    if (table === undefined || table.rows === 0) continue;
    const stride = strideOf(table.rows);
    rows += table.rows;
    looked += table.rows / stride;
    const shares = await sampleTable(client, sampled, stride, context);
    // All together cannot take more than there is.
    const guessed = shares.attributes.reduce((sum, { bytesOnDisk }) => sum + bytesOnDisk, 0);
    const scale = Math.min(1, table.bytesOnDisk / Math.max(1, guessed));
    attributes.push(
      ...shares.attributes.map((one) => ({ ...one, bytesOnDisk: Math.round(one.bytesOnDisk * scale) })),
    );
    if (sampled.signal === "metrics") continue;
    // Tables beside the main one grow with its rows.
    const all = kept.filter((one) => one.signal === sampled.signal);
    const bytes = all.reduce((sum, one) => sum + one.bytesOnDisk, 0);
    services.push(
      ...shares.services.map((one, at) => ({
        ...one,
        bytesOnDisk: Math.round((shares.serviceShares[at] ?? 0) * bytes),
      })),
    );
  }
  services.push(...(await readMetricServices(client, kept, context)));
  return {
    services: mostFirst(services),
    attributes: mostFirst(attributes),
    sampledShare: rows === 0 ? 1 : looked / rows,
  };
}

function mostFirst<T extends { readonly bytesOnDisk: number }>(items: readonly T[]): readonly T[] {
  return items.toSorted((left, right) => right.bytesOnDisk - left.bytesOnDisk).slice(0, listed);
}

/** 0 where the file system does not say. */
async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
