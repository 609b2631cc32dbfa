/** Takes lines of OTLP/JSON back: each is a request, and goes the way of any other. */
import { OtelierError } from "../../../base/error.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { otlpJsonToBytes } from "../../../telemetry/json/parse.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { WriteResult } from "../../store.ts";
import type { ImportResult } from "../../transfer.ts";
import type { ReadContext } from "../../window.ts";
import { checkAge, oldestAllowedMs, type AgeRules } from "./age-check.ts";
import { timesOf } from "./batch-times.ts";

const rootNames: readonly (readonly [RegExp, Signal])[] = [
  [/^\s*\{\s*"resource_?[sS]pans"/, "traces"],
  [/^\s*\{\s*"resource_?[mM]etrics"/, "metrics"],
  [/^\s*\{\s*"resource_?[lL]ogs"/, "logs"],
];

/** All lines are read and checked before the first is written. */
export async function importLines(
  bytes: Uint8Array,
  write: (batch: Batch) => Promise<WriteResult>,
  rules: AgeRules | undefined,
  { tenant }: ReadContext,
): Promise<ImportResult> {
  const batches = readLines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), tenant);
  if (rules !== undefined) for (const signal of rootNames) await checkSignal(batches, signal[1], rules);
  const result = { rows: 0, rejected: 0, reason: "" };
  const written = await Promise.all(
    batches.map(async (batch) => ({ items: batch.itemCount, ...(await write(batch)) })),
  );
  for (const { items, rejected, reason } of written) {
    result.rows += items - rejected;
    result.rejected += rejected;
    if (reason !== "") result.reason = reason;
  }
  return result;
}

function readLines(text: Buffer, tenant: string): readonly Batch[] {
  const batches: Batch[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf(0x0a, start);
    const end = found === -1 ? text.length : found;
    line++;
    const own = text.subarray(start, end);
    start = end + 1;
    if (own.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) continue;
    batches.push(readLine(own, line, tenant));
  }
  return batches;
}

function readLine(text: Buffer, line: number, tenant: string): Batch {
  const head = text.toString("utf8", 0, 64);
  const signal = rootNames.find(([name]) => name.test(head))?.[1];
  if (signal === undefined) {
    throw unreadable(
      line,
      `it begins with ${JSON.stringify(head.slice(0, 24))}, not with resourceSpans, resourceMetrics or resourceLogs`,
    );
  }
  const parsed = otlpJsonToBytes(signal, text);
  if (!parsed.ok) throw unreadable(line, `${parsed.message} at column ${parsed.column} (${parsed.path})`);
  return Batch.fromBytes(signal, parsed.bytes, { ...internalContext, tenant });
}

function unreadable(line: number, why: string): OtelierError {
  return new OtelierError(`cannot import: line ${line} is no OTLP/JSON request: ${why}`, {
    code: "import-unreadable",
    outcome: "permanent",
  });
}

async function checkSignal(batches: readonly Batch[], signal: Signal, rules: AgeRules): Promise<void> {
  const beforeMs = oldestAllowedMs(signal, rules);
  if (beforeMs === undefined) return;
  let items = 0;
  let oldestMs = Infinity;
  const days = new Set<string>();
  for (const batch of batches) {
    if (batch.signal !== signal) continue;
    for (const nano of timesOf(batch)) {
      const ms = Number(nano / 1_000_000n);
      if (ms >= beforeMs) continue;
      items++;
      oldestMs = Math.min(oldestMs, ms);
      days.add(new Date(Math.min(ms, 8.64e15)).toISOString().slice(0, 10));
    }
  }
  await checkAge({ signal, items, oldestMs, days: [...days] }, rules);
}
