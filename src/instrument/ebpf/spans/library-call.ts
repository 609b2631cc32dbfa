import type { DatabaseRecord } from "./database.ts";
import { sanitised } from "./literals.ts";
import type { RecordHead } from "./record.ts";
import { operationOf, summaryOf } from "./statement.ts";

/** `struct database_span` of bpf/span.h. */
export const databaseBytes = 1280;
const [statement, batch, copy, command, pipeline, transaction] = [1, 2, 3, 4, 5, 6];
const textBytes = 1024;
const maxShown = 8;
/** What Redis answers for a key that is not there is an error of the library only. */
const nothing = "redis: nil";

type Call = Pick<DatabaseRecord, "system" | "operation" | "summary" | "text" | "code" | "server"> &
  Partial<Pick<DatabaseRecord, "failed" | "batchSize">>;

/** A call of pgx or go-redis; undefined when `bytes` holds none. */
export function libraryCall(bytes: Buffer, head: RecordHead): DatabaseRecord | undefined {
  const call = callOf(bytes, head.failed);
  return call === undefined
    ? undefined
    : {
        ...head,
        kind: "db-client",
        namespace: text(bytes, 1104, bytes.readUInt16LE(66), 64),
        client: { address: "", port: 0 },
        ...call,
      };
}

function callOf(bytes: Buffer, failed: boolean): Call | undefined {
  const length = bytes.readUInt16LE(64);
  const said = text(bytes, 80, length, textBytes);
  const host = text(bytes, 1168, bytes.readUInt16LE(68), 96);
  const error = text(bytes, 1264, bytes.readUInt16LE(72), 16);
  const count = bytes.readUInt32LE(76);
  const postgres = {
    system: "postgresql",
    server: { address: host, port: bytes.readUInt16LE(70) },
    code: /^(?=.*\d)[\dA-Z]{5}$/.exec(error)?.[0] ?? "",
  };
  const redis = {
    system: "redis",
    server: hostAndPort(host),
    code: /^[A-Z]+(?= )/.exec(error)?.[0] ?? "",
    summary: "",
    failed: failed && error !== nothing,
  };
  switch (bytes.readUInt16LE(74)) {
    case statement: {
      const clean = sanitised(said, "postgresql");
      const shown = length > textBytes && clean !== "" ? `${clean}...` : clean;
      return { ...postgres, operation: operationOf(clean), summary: summaryOf(clean), text: shown };
    }
    case batch:
      return { ...postgres, operation: "BATCH", summary: "", text: "", batchSize: count };
    case copy:
      return { ...postgres, operation: "COPY", summary: `COPY ${said}`.trim(), text: "" };
    case command: {
      const name = said.toUpperCase();
      if (!/^[A-Z][A-Z0-9._-]{0,40}$/.test(name)) return undefined;
      const shown = Array.from({ length: Math.min(count - 1, maxShown) }, () => "?");
      return {
        ...redis,
        operation: name,
        text: [name, ...shown, ...(count - 1 > maxShown ? ["..."] : [])].join(" "),
      };
    }
    case pipeline:
      return { ...redis, operation: "PIPELINE", text: "", batchSize: count };
    case transaction:
      // With the two commands that begin and end it.
      return { ...redis, operation: "MULTI", text: "", batchSize: Math.max(count - 2, 0) };
    default:
      return undefined;
  }
}

/** "[::1]:6379" in two parts; a path stays one. */
function hostAndPort(address: string): DatabaseRecord["server"] {
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  return { address: host ?? address, port: Number(port ?? 0) };
}

function text(bytes: Buffer, start: number, length: number, room: number): string {
  return bytes.toString("utf8", start, start + Math.min(length, room));
}
