/** Opens the store of the stack from its options, and says what happens to it. */
import { hasErrors } from "../base/diagnostic.ts";
import { OtelierError } from "../base/error.ts";
import { parseClickHouseUrl } from "../storage/clickhouse/client/address.ts";
import type { TenantAges } from "../storage/clickhouse/retention-settings.ts";
import {
  openStore,
  type ClickHouseStore,
  type Durability,
  type StoreEvent,
} from "../storage/clickhouse/store.ts";
import type { Signal } from "../telemetry/signal.ts";
import { memoryShares } from "./memory-shares.ts";
import type { Notices } from "./notices.ts";

export interface StackStoreOptions {
  readonly dataDir: string;
  /** ClickHouse URL; '' for the embedded engine. */
  readonly clickhouse: string;
  /** 0 keeps all. */
  readonly retentionMs: number;
  /** Ages of signals that are kept for another time. */
  readonly signalRetentionMs: Readonly<Partial<Record<Signal, number>>>;
  /** 0 for no limit. */
  readonly maxDiskBytes: number;
  readonly memoryLimitMib: number;
  readonly durability: Durability;
  /** New metric series a day and tenant; 0 for no bound. */
  readonly maxSeries: number;
  /** Attribute keys of one tenant, day, signal and scope that the catalogue keeps; 0 for no bound. */
  readonly maxAttributeKeys: number;
  readonly tenantRetention: Readonly<Record<string, TenantAges>>;
}

const mib = 1024 * 1024;

export function openStackStore(options: StackStoreOptions, notices: Notices): Promise<ClickHouseStore> {
  return openStore({
    dataDirectory: options.dataDir,
    retentionMs: options.retentionMs,
    signalRetentionMs: options.signalRetentionMs,
    maxDiskBytes: options.maxDiskBytes,
    durability: options.durability,
    maxSeries: options.maxSeries,
    maxAttributeKeys: options.maxAttributeKeys,
    tenantRetention: options.tenantRetention,
    // Receiving and the engine share the limit; the engine's part includes its caches.
    engineMemoryBytes: memoryShares(options.memoryLimitMib).engineMib * mib,
    ...(options.clickhouse === "" ? {} : { server: serverAddress(options.clickhouse) }),
    report: (event) => notices.add(levelOf(event), describe(event)),
  });
}

function serverAddress(url: string): NonNullable<ReturnType<typeof parseClickHouseUrl>["value"]> {
  const { value, diagnostics } = parseClickHouseUrl(url);
  if (value !== undefined && !hasErrors(diagnostics)) return value;
  const why = diagnostics
    .map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`))
    .join("; ");
  throw new OtelierError(why, { code: "bad-clickhouse-url", outcome: "permanent" });
}

function levelOf(event: StoreEvent): "info" | "warning" | "error" {
  switch (event.kind) {
    case "set-aside":
      return "error";
    case "engine-down":
    case "retention-failed":
    case "key-guard-failed":
    case "merge-pace-failed":
    case "keys-left-out":
      return "warning";
    default:
      return "info";
  }
}

function describe(event: StoreEvent): string {
  switch (event.kind) {
    case "engine-down":
      return `the database engine stopped (${event.reason}); it is started again, nothing is lost`;
    case "engine-up":
      return "the database engine runs again";
    case "recovered":
      return `inserting ${event.segments} segments that an earlier run left`;
    case "dropped":
      return `dropped ${event.rows} rows of ${event.table}: ${event.reason}`;
    case "retention-failed":
      return `old telemetry could not be dropped: ${event.reason}`;
    case "keys-left-out": {
      const whose = event.tenant === "" ? "" : ` of tenant ${event.tenant}`;
      return `the catalogue of attribute keys holds the ${event.kept} most used ${event.scope} keys of ${event.signal}${whose} of ${event.day}: there were more than --max-attribute-keys; what carries the others is kept (attribute-key-limit)`;
    }
    case "key-guard-failed":
      return `the catalogue of attribute keys could not be kept small: ${event.reason}`;
    case "merge-pace-failed":
      return `it could not be said when the engine merges: ${event.reason}`;
    case "set-aside":
      return `${event.rows} rows of ${event.table} could not be stored and were set aside (segments/aside/${event.file}): ${event.reason}`;
  }
}
