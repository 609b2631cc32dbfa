/** What the tests of the writer share: a stand-in for the engine that remembers tokens as the engine does, writers on a folder of their own, requests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { OtelierError } from "../../../../base/error.ts";
import { Batch, internalContext } from "../../../../telemetry/batch.ts";
import { generateTraces } from "../../../../../bench/corpus.ts";
import { ClickHouseClient } from "../../client/client.ts";
import type { SegmentInserter } from "../insert/inserter.ts";
import { readBlock } from "../native/read-block.ts";
import { ClickHouseWriter, type WriterOptions } from "../writer.ts";

let folder: string;
let writers: ClickHouseWriter[];

/** A new empty folder before each test; writers are closed after it. */
export function useWriters(): void {
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "otelier-writer-"));
    writers = [];
  });
  afterEach(async () => {
    for (const writer of writers) await writer.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Keeps the rows of each token once, as a table with a deduplication window does: of as many blocks as before, whatever is in them. */
export class FakeEngine implements SegmentInserter {
  readonly rows: string[] = [];
  readonly tokens: string[] = [];
  inserts = 0;
  fail: (() => Error | undefined) | undefined;

  async insert(segment: { readonly token: string }, files: readonly string[]): Promise<void> {
    this.inserts++;
    const error = this.fail?.();
    if (error !== undefined) throw error;
    const token = `${segment.token} of ${files.length}`;
    if (this.tokens.includes(token)) return;
    this.tokens.push(token);
    for (const file of files) {
      this.rows.push(...(readBlock(readFileSync(file)).columns.get("SpanId")?.values.map(String) ?? []));
    }
  }
}

export async function open(engine: SegmentInserter, more: Partial<WriterOptions> = {}): Promise<ClickHouseWriter> {
  const client = new ClickHouseClient({ address: { kind: "socket", path: "/nowhere", database: "x" } });
  const writer = await ClickHouseWriter.open({
    client,
    directory: folder,
    schemaVersion: 1,
    inserter: engine,
    ...more,
  });
  writers.push(writer);
  return writer;
}

const start = { startUnixNano: 1_790_000_000_000_000_000n };

export function batch(seed: number, spans = 20): { readonly batch: Batch; readonly ids: readonly string[] } {
  const [bytes] = generateTraces({ ...start, seed, spans: spans * 40, spansPerRequest: spans });
  const made = Batch.fromBytes("traces", bytes!, internalContext);
  const ids: string[] = [];
  for (const { scopeSpans } of made.traces().resourceSpans) {
    for (const scope of scopeSpans)
      for (const span of scope.spans) ids.push(Buffer.from(span.spanId).toString("hex"));
  }
  return { batch: made, ids };
}

/** The folder of the present test. */
export function writerFolder(): string {
  return folder;
}

export const segments = (): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".native"));
/** Tables of the segments on disk; the first spans of a resource have it noted beside them. */
export const tablesOnDisk = (): readonly string[] => segments().map((name) => name.split(".")[2] ?? "");
export const outage: OtelierError = new OtelierError("down", {
  code: "clickhouse-unreachable",
  outcome: "retryable",
});
export const refusal: OtelierError = new OtelierError("no such column", {
  code: "clickhouse-refused",
  outcome: "permanent",
});
