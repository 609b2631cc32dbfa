/** The rows of `otel_attribute_keys` that must come of a request, made of the plain rows of its items. */
import type { NativeValue } from "../native/read-block.ts";
import type { ReferenceRow } from "./transcode.reference.ts";

const lastHour = 4_294_965_600;

/** In no particular order. */
export function referenceKeys(
  signal: "traces" | "logs",
  items: readonly ReferenceRow[],
): readonly ReferenceRow[] {
  const rows = new Map<string, Record<string, NativeValue>>();
  for (const item of items) {
    const hour = Number((item["Timestamp"] as bigint) / 3_600_000_000_000n) * 3600;
    const maps = {
      resource: "ResourceAttributes",
      ...(signal === "traces" ? { span: "SpanAttributes" } : { log: "LogAttributes" }),
    };
    for (const [scope, column] of Object.entries(maps)) {
      for (const [key] of item[column] as readonly (readonly [string, string])[]) {
        const row = {
          Tenant: item["Tenant"]!,
          Signal: signal,
          Scope: scope,
          Key: key,
          Hour: Math.min(lastHour, hour),
        };
        const name = JSON.stringify(row);
        const counted = rows.get(name)?.["Count"] ?? 0n;
        rows.set(name, { ...row, Count: (counted as bigint) + 1n });
      }
    }
  }
  return [...rows.values()];
}
