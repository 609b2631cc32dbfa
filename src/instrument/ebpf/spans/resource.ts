import { hostname } from "node:os";
import path from "node:path";
import type { BuildInfo } from "../go/build-info.ts";
import type { AttributeValue } from "./span.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface TracedProcess {
  readonly pid: number;
  readonly executable: string;
  readonly build: BuildInfo;
}

/** Resource attributes of one process. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of its environment stand above what is found. */
export function resourceOf(
  process: TracedProcess,
  environment: Environment,
  version: string,
): ReadonlyMap<string, AttributeValue> {
  const name = path.basename(process.executable);
  const given = keyValues(environment["OTEL_RESOURCE_ATTRIBUTES"]);
  const service = environment["OTEL_SERVICE_NAME"] || given.get("service.name") || name;
  return new Map<string, AttributeValue>([
    ...processAttributes(process, "go", version),
    ["process.runtime.name", "go"],
    ["process.runtime.version", process.build.version],
    ...given,
    ["service.name", service],
  ]);
}

/** What a resource says of any process that is watched from outside. */
export function processAttributes(
  process: { readonly pid: number; readonly executable: string },
  language: string | undefined,
  version: string,
): readonly (readonly [string, AttributeValue])[] {
  return [
    ["service.instance.id", `${hostname()}-${process.pid}`],
    ["telemetry.sdk.name", "opentelemetry"],
    ...(language === undefined ? [] : [["telemetry.sdk.language", language] as const]),
    ["telemetry.sdk.version", version],
    ["telemetry.distro.name", "otelier"],
    ["telemetry.distro.version", version],
    ["host.name", hostname()],
    ["process.pid", process.pid],
    ["process.executable.name", path.basename(process.executable)],
    ["process.executable.path", process.executable],
  ];
}

/** "key=value,key=value" with percent-encoded values, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS have it. */
export function keyValues(text: string | undefined): ReadonlyMap<string, string> {
  const pairs = (text ?? "").split(",").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals < 1
      ? []
      : [[pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())] as const];
  });
  return new Map(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** db.system.name by the drivers that were linked in; "other_sql" when there is none that is known, or more than one. */
export function databaseSystemOf(build: BuildInfo): string {
  const systems = new Set(
    [...build.modules.keys()].flatMap((module) => drivers.get(module.replace(/\/v\d+$/, "")) ?? []),
  );
  const [system] = systems;
  return systems.size === 1 && system !== undefined ? system : "other_sql";
}

const drivers: ReadonlyMap<string, string> = new Map([
  ["github.com/lib/pq", "postgresql"],
  ["github.com/jackc/pgx", "postgresql"],
  ["github.com/go-sql-driver/mysql", "mysql"],
  ["github.com/mattn/go-sqlite3", "sqlite"],
  ["modernc.org/sqlite", "sqlite"],
  ["github.com/microsoft/go-mssqldb", "microsoft.sql_server"],
  ["github.com/denisenkom/go-mssqldb", "microsoft.sql_server"],
  ["github.com/sijms/go-ora", "oracle.db"],
  ["github.com/ClickHouse/clickhouse-go", "clickhouse"],
]);
