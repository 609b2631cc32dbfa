/**
 * Keeps batches: wire bytes to columns (transcode/), columns to write-ahead segments on disk (commit/, segments/), segments into the
 * database (insert/). `write` resolves when the batch is safe in segments; it becomes visible to reads soon after.
 *
 * Start with `ClickHouseWriter.open`. What an answer promises, and why a segment is the insert: DESIGN.md, "The way of the data".
 */
import { systemClock, type Clock } from "../../../base/clock.ts";
import type { AsideFile } from "../../../base/durable/durable-directory.ts";
import { messageOf, OtelierError } from "../../../base/error.ts";
import { systemRandom, type Random } from "../../../base/random.ts";
import type { Store, TelemetryWriter, WriteResult } from "../../store.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { inSpan } from "../../../telemetry/work-span.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { isKeyStream, resourcesTable, tables } from "../schema/tables.ts";
import { clientInserter, type SegmentInserter } from "./insert/inserter.ts";
import { InsertSpans } from "./insert/insert-spans.ts";
import { SegmentDirectory, type SegmentStep } from "./segments/segment-directory.ts";
import { segmentFileName, type Insertion, type Segment } from "./segments/segment.ts";
import { SignalLane } from "./signal-lane.ts";
import { defaultMaxSeries } from "./transcode/known-series.ts";
import { LogTranscoder } from "./transcode/log-transcoder.ts";
import { MetricTranscoder } from "./transcode/metric-transcoder.ts";
import { SpanTranscoder } from "./transcode/span-transcoder.ts";
import { WriteBudget } from "./write-budget.ts";

export interface WriterOptions {
  readonly client: ClickHouseClient;
  /** Where the segments lie: on the disk whose loss would lose the data anyway. Made when missing. */
  readonly directory: string;
  /** Number of the migration that the tables are at. */
  readonly schemaVersion: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Bytes of segments that may wait for the database before writes are held back. Default 2 GiB. */
  readonly maxPendingBytes?: number;
  /** New metric series that each tenant may start a day, at most `maxKnownSeries`; 0: no bound. Default `defaultMaxSeries`. */
  readonly maxSeries?: number;
  /** False: a write is answered when a killed program cannot lose it, which a power cut may. Default true: synced. */
  readonly fsync?: boolean;
  /** How long a write waits for room before it is refused. Default 5 s. */
  readonly longestWaitMs?: number;
  /** Told once for each segment that is set aside, and for segments found at the start. */
  readonly report?: (event: WriterEvent) => void;
  /** For tests: see SegmentDirectory, and an inserter in place of the client's. */
  readonly failpoint?: (step: SegmentStep) => void;
  readonly inserter?: SegmentInserter;
}

export type WriterEvent =
  | { readonly kind: "recovered"; readonly segments: number; readonly bytes: number }
  | {
      readonly kind: "set-aside";
      readonly table: string;
      readonly rows: number;
      readonly reason: string;
      /** Name of the file in `aside/`. */
      readonly file: string;
    };

export interface WriterCounts {
  /** Rows inserted since the start, all tables. */
  readonly insertedRows: number;
  readonly insertedSegments: number;
  /** Items that `write` rejected. */
  readonly rejectedItems: number;
  /** Those of them that are points of series above the bound. */
  readonly beyondSeriesPoints: number;
  readonly setAsideRows: number;
  /** Attribute keys of one segment that had no room in the catalogue beside it. */
  readonly leftOutKeys: number;
}

const defaultMaxPendingBytes: number = 2 * 1024 ** 3;
const maxUnsafeBytes: number = 128 * 1024 * 1024;
const defaultLongestWaitMs = 5_000;
/** A request this large may fill a block, whose rows cannot be taken back; it is checked before. */
const checkedFirstBytes: number = 1024 * 1024;

export type VisibleListener = Parameters<Store["onVisible"]>[0];

export class ClickHouseWriter implements TelemetryWriter {
  private readonly directory: SegmentDirectory;
  private readonly lanes: Readonly<Record<Signal, SignalLane>>;
  private readonly budget: WriteBudget;
  private readonly clock: Clock;
  private readonly listeners: Set<VisibleListener> = new Set();
  private readonly insertSpans: InsertSpans = new InsertSpans();
  /** Whose rows a segment of this run holds; files do not say it. */
  private readonly tenants: WeakMap<Segment, ReadonlySet<string>> = new WeakMap();
  private sequence = 0;
  private closing = false;
  private readonly tally = {
    insertedRows: 0,
    insertedSegments: 0,
    rejectedItems: 0,
    beyondSeriesPoints: 0,
    setAsideRows: 0,
    leftOutKeys: 0,
  };

  private constructor(options: WriterOptions, directory: SegmentDirectory) {
    this.clock = options.clock ?? systemClock;
    this.directory = directory;
    const shared = {
      directory,
      inserter: options.inserter ?? clientInserter(options.client, tables),
      schemaVersion: options.schemaVersion,
      nextSequence: () => ++this.sequence,
      clock: this.clock,
      random: options.random ?? systemRandom,
      onKeysLeftOut: (keys: number) => void (this.tally.leftOutKeys += keys),
    };
    const laneOptions = (signal: Signal) => ({
      ...shared,
      onTenants: (segment: Segment, tenants: ReadonlySet<string>) => this.tenants.set(segment, tenants),
      onInserted: (insertion: Insertion) => this.noteInserted(signal, insertion),
      onSetAside: (segment: Segment, reason: string) => {
        if (holdsItems(segment)) this.tally.setAsideRows += segment.rows;
        this.insertSpans.end(segment, new Error(reason));
        const { table, rows } = segment;
        options.report?.({ kind: "set-aside", table, rows, reason, file: segmentFileName(segment) });
      },
    });
    this.lanes = {
      traces: SignalLane.create(new SpanTranscoder(), laneOptions("traces")),
      metrics: SignalLane.create(
        new MetricTranscoder(options.maxSeries ?? defaultMaxSeries),
        laneOptions("metrics"),
      ),
      logs: SignalLane.create(new LogTranscoder(), laneOptions("logs")),
    };
    const all = Object.values(this.lanes);
    this.budget = new WriteBudget({
      clock: this.clock,
      unsafeBytes: () => all.reduce((sum, lane) => sum + lane.unsafeBytes, 0),
      maxUnsafeBytes,
      pendingBytes: () => this.pendingBytes,
      maxPendingBytes: options.maxPendingBytes ?? defaultMaxPendingBytes,
      longestWaitMs: options.longestWaitMs ?? defaultLongestWaitMs,
    });
  }

  /** Opens the directory and starts to insert what an earlier run left there. The tables must exist (or appear soon). */
  static async open(options: WriterOptions): Promise<ClickHouseWriter> {
    const { failpoint } = options;
    const directory = new SegmentDirectory({
      path: options.directory,
      fsync: options.fsync ?? true,
      ...(failpoint === undefined ? {} : { failpoint }),
    });
    const found = await directory.open();
    const writer = new ClickHouseWriter(options, directory);
    await writer.recover(found);
    const segments = found.flatMap(({ members }) => members);
    if (segments.length > 0) {
      const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      options.report?.({ kind: "recovered", segments: segments.length, bytes });
    }
    return writer;
  }

  private async recover(found: readonly Insertion[]): Promise<void> {
    for (const insertion of found) {
      const { segment, members } = insertion;
      this.sequence = Math.max(this.sequence, segment.sequence, ...members.map(({ sequence }) => sequence));
      const lane = Object.values(this.lanes).find((one) => one.recover(insertion));
      if (lane !== undefined) continue;
      const reason = `this version has no table "${segment.table}"`;
      if (segment.kind === "g") await this.directory.dissolve(segment);
      for (const member of members) await this.directory.setAside(member, reason);
    }
  }

  async write(batch: Batch): Promise<WriteResult> {
    const { work } = batch.context;
    if (!this.closing && !this.budget.hasRoom())
      await inSpan(work, "wait for room", () => this.budget.wait());
    if (this.closing) {
      throw new OtelierError("cannot store telemetry: the store is stopping", {
        code: "store-stopping",
        outcome: "retryable",
      });
    }
    const { bytes } = batch;
    if (bytes.length > checkedFirstBytes) checkWire(batch);
    const { receivedUnixMs, tenant } = batch.context;
    const context = { tenant, arrivedMs: receivedUnixMs === 0 ? this.clock.now() : receivedUnixMs };
    const transcoding = work?.child("transcode");
    let written;
    try {
      written = this.lanes[batch.signal].write(bytes, context);
      transcoding?.end();
    } catch (error) {
      transcoding?.end(error);
      checkWire(batch);
      throw new OtelierError(`cannot store ${batch.signal}: ${messageOf(error)}`, {
        code: "malformed-otlp",
        outcome: "permanent",
        cause: error,
      });
    }
    const { safe } = written;
    const segments = await inSpan(work, "write segment", () => safe);
    if (work !== undefined) this.insertSpans.begin(work, segments.flat());
    this.tally.rejectedItems += written.result.rejected;
    this.tally.beyondSeriesPoints += written.result.beyondSeries;
    return { rejected: written.result.rejected, reason: written.result.reason };
  }

  /** See Store. */
  onVisible(listener: VisibleListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private noteInserted(signal: Signal, { segment, members }: Insertion): void {
    this.tally.insertedSegments++;
    this.insertSpans.end(segment);
    if (!holdsItems(segment)) return;
    this.tally.insertedRows += segment.rows;
    if (this.listeners.size === 0) return;
    const signals = new Set([signal]);
    const tenants = this.tenantsOf(members);
    for (const listener of this.listeners) listener(signals, tenants);
  }

  /** Undefined when a segment is of an earlier run. */
  private tenantsOf(segments: readonly Segment[]): ReadonlySet<string> | undefined {
    const tenants = new Set<string>();
    for (const segment of segments) {
      const some = this.tenants.get(segment);
      if (some === undefined) return undefined;
      for (const tenant of some) tenants.add(tenant);
    }
    return tenants;
  }

  get counts(): WriterCounts {
    return { ...this.tally };
  }

  get pendingSegments(): number {
    return Object.values(this.lanes).reduce((sum, lane) => sum + lane.pendingSegments, 0);
  }

  get pendingBytes(): number {
    return Object.values(this.lanes).reduce((sum, lane) => sum + lane.pendingBytes, 0);
  }

  get setAside(): readonly AsideFile[] {
    return this.directory.setAsideFiles;
  }

  /** Resolves when all that was accepted is inserted or set aside. */
  async drain(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map((lane) => lane.drain()));
  }

  /**
   * Refuses further writes, makes safe what was accepted, and inserts for at most `timeoutMs`; what is left stays in segments
   * for the next start. The client stays open.
   */
  async close(timeoutMs = 5_000): Promise<void> {
    this.closing = true;
    const lanes = Object.values(this.lanes);
    await Promise.all(lanes.map((lane) => lane.drainCommits()));
    const timeout = new AbortController();
    await Promise.race([this.drain(), this.clock.sleep(timeoutMs, timeout.signal)]);
    timeout.abort();
    await Promise.all(lanes.map((lane) => lane.stop()));
  }
}

function checkWire(batch: Batch): void {
  const check = batch.check();
  if (check.ok) return;
  throw new OtelierError(`cannot decode ${batch.signal}: ${check.message} at byte ${check.offset}`, {
    code: "malformed-otlp",
    outcome: "permanent",
  });
}

/** Resources and attribute keys are noted beside the items: nobody sent them, and nobody waits for them. */
export function holdsItems({ table }: Segment): boolean {
  return table !== resourcesTable.name && !isKeyStream(table);
}
