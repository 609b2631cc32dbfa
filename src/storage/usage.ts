/** What is kept, what it costs, and what goes next: asked by people who decide about retention and disks. */
import type { Signal } from "../telemetry/signal.ts";
import type { ReadContext } from "./window.ts";

/** "shared": tables that serve several signals, such as the catalogue of attribute keys. */
export type KeptSignal = Signal | "shared";

/** Rows and bytes of one signal or table. Times are Unix milliseconds, 0 when there are no rows. */
export interface KeptAmount {
  readonly rows: number;
  readonly bytesOnDisk: number;
  readonly parts: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** `rows` are spans, data points and log records; bytes and parts include the tables beside them. */
export interface SignalUsage extends KeptAmount {
  readonly signal: KeptSignal;
}

export interface TableKept extends KeptAmount {
  readonly table: string;
  readonly signal: KeptSignal;
}

/** An estimate: the service's share of the uncompressed bytes of the rows that were looked at, of the bytes on disk. */
export interface ServiceUsage {
  readonly signal: Signal;
  readonly service: string;
  readonly rows: number;
  readonly bytesOnDisk: number;
}

/** An estimate of what the values take when compressed. `distinct` explains it: a value that repeats takes nearly nothing. */
export interface AttributeUsage {
  readonly signal: Signal;
  readonly scope: "resource" | "span" | "log" | "metric";
  readonly key: string;
  /** Rows that carry it. */
  readonly rows: number;
  /** Among the rows that were looked at. */
  readonly distinct: number;
  readonly bytesOnDisk: number;
}

/** Rows that retention will drop together. */
export interface UpcomingDrop extends KeptAmount {
  readonly table: string;
  readonly signal: KeptSignal;
  readonly reason: "age" | "size";
  /** When they become due, Unix milliseconds; for "size" an estimate from the average growth. */
  readonly dueMs: number;
}

/** A day (UTC) whose telemetry age does not drop yet, because it was imported for keeping. */
export interface KeptDay {
  /** "2026-11-20". */
  readonly day: string;
  readonly untilMs: number;
}

/** 0: kept for ever. */
export type AgesBySignal = Readonly<Record<Signal, number>>;

export interface RetentionSettings {
  readonly maxAgeMs: AgesBySignal;
  /** Of tenants that have ages of their own. */
  readonly tenants?: Readonly<Record<string, AgesBySignal>>;
  /** 0: no limit. */
  readonly maxBytes: number;
}

export interface StorageReport {
  readonly takenMs: number;
  readonly retention: RetentionSettings;
  /** Room on the disk of the data directory. */
  readonly diskFreeBytes: number;
  /** Accepted, and not in the tables yet. */
  readonly pendingBytes: number;
  /** `rows` as those of signals. */
  readonly total: KeptAmount;
  /** Average since the oldest row; 0 for an empty store. */
  readonly growthBytesPerHour: number;
  readonly signals: readonly SignalUsage[];
  readonly tables: readonly TableKept[];
  /** Most bytes first, at most 100. */
  readonly services: readonly ServiceUsage[];
  /** Most bytes first, at most 100. */
  readonly attributes: readonly AttributeUsage[];
  /** Share of the rows that `services` and `attributes` were estimated from, 0 to 1. */
  readonly sampledShare: number;
  /** What age drops within a day, and size drops next when that is within 30 days; soonest first. */
  readonly upcoming: readonly UpcomingDrop[];
  readonly keptDays: readonly KeptDay[];
  /** Since the start. */
  readonly dropped: { readonly rows: number; readonly bytes: number };
}

export interface StorageReader {
  storage(context: ReadContext): Promise<StorageReport>;
}
