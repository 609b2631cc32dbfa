/** One service's span and log of this moment, sent to a stack and asked for again. */
import { otlpJsonToBytes } from "../../../src/telemetry/json/parse.ts";
import { sendGrpc } from "../../fakes/otlp-client.ts";

let count = 0;

/** A request with `spans` spans of `service`, each in a trace of its own. */
export function tracesOf(service: string, spans = 1): object {
  const now = BigInt(Date.now()) * 1_000_000n;
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: Array.from({ length: spans }, () => ({
              traceId: (++count).toString(16).padStart(32, "a"),
              spanId: count.toString(16).padStart(16, "b"),
              name: "GET /",
              kind: 2,
              startTimeUnixNano: String(now - 5_000_000n),
              endTimeUnixNano: String(now),
            })),
          },
        ],
      },
    ],
  };
}

export async function postTraces(
  url: string,
  traces: object,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(traces),
  });
  await response.arrayBuffer();
  return response.status;
}

/** The gRPC code; 0 is OK. */
export async function sendTraces(
  url: string,
  traces: object,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const parsed = otlpJsonToBytes("traces", Buffer.from(JSON.stringify(traces)));
  if (!parsed.ok) throw new Error(parsed.message);
  return (await sendGrpc(Number(new URL(url).port), Buffer.from(parsed.bytes), { headers })).grpc;
}

/** Spans of a service as the API counts them. */
export async function spanCount(front: string, service: string): Promise<number> {
  const response = await fetch(`${front}/api/services?from=now-15m`);
  const { items } = (await response.json()) as { items: { name: string; spanCount: number }[] };
  return items.find(({ name }) => name === service)?.spanCount ?? 0;
}
