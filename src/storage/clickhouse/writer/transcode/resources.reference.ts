/** The rows of `otel_traces_resources` that the span transcoder must produce, written plainly. */
import { anyValueToString } from "../../../../telemetry/attributes/text.ts";
import type { Batch } from "../../../../telemetry/batch.ts";
import type { Attributes } from "../../../../telemetry/tree/attributes.ts";
import { sortedAttributes } from "./metrics.reference.ts";
import { isPossible, type ReferenceRow } from "./transcode.reference.ts";
import type { TranscodeContext } from "./transcoder.ts";

const slotNano = 300_000_000_000n;

/** Those of a store that knows no resources yet. */
export function referenceResources(batch: Batch, context: TranscodeContext): readonly ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  const seen = new Set<string>();
  for (const { resource, scopeSpans } of batch.traces().resourceSpans) {
    const first = [...scopeSpans]
      .flatMap(({ spans }) => [...spans])
      .find((span) => isPossible(span.startTimeUnixNano) && isPossible(span.endTimeUnixNano));
    if (first === undefined) continue;
    const seenAt = first.startTimeUnixNano;
    const identity = JSON.stringify([`${seenAt / slotNano}`, sortedAttributes(resource.attributes)]);
    if (seen.has(identity)) continue;
    seen.add(identity);
    rows.push({ Tenant: context.tenant, ...factsOf(resource.attributes), SeenAt: seenAt });
  }
  return rows;
}

function factsOf(attributes: Attributes): ReferenceRow {
  const text = (key: string): string => anyValueToString(attributes.get(key) ?? null);
  return {
    ServiceName: text("service.name"),
    ServiceNamespace: text("service.namespace"),
    ServiceVersion: text("service.version"),
    ServiceInstanceId: text("service.instance.id"),
    HostName: text("host.name"),
    ProcessPid: text("process.pid"),
    SdkLanguage: text("telemetry.sdk.language"),
    DistroName: text("telemetry.distro.name"),
  };
}
