/** What an HTTP answer means for an exporter (OTLP specification, "OTLP/HTTP Response"; core exporter/otlphttpexporter/otlp.go). */
import { OtelierError } from "../../../base/error.ts";
import { decodeRpcStatus } from "../../../base/net/grpc-status.ts";
import type { HttpClientResponse } from "../../../base/net/http-client.ts";
import { headerOf } from "../../../base/net/http-message.ts";
import { readExportResponse, type PartialSuccess } from "../../../pipeline/otlp/export-response.ts";

const retryableStatus: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const throttlingStatus: ReadonlySet<number> = new Set([429, 503]);

const grpcOfStatus: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 12,
  429: 8,
  502: 14,
  503: 14,
  504: 14,
};

/** What a good answer says was refused; throws an OtelierError for any other. `nowMs` turns a Retry-After date into a wait. */
export function readAnswer(
  url: URL,
  response: HttpClientResponse,
  nowMs: number,
): PartialSuccess | undefined {
  const contentType = headerOf(response, "content-type")?.split(";", 1)[0]?.trim() ?? "";
  if (response.status >= 200 && response.status <= 299) return readSuccess(url, contentType, response.body);
  const status =
    contentType === "application/x-protobuf"
      ? decodeRpcStatus(response.body)
      : jsonStatus(contentType, response.body);
  const details = status === undefined || status.message === "" ? "" : `, Message=${status.message}`;
  const message = `error exporting items, request to ${url.href} responded with HTTP Status Code ${response.status}${details}`;
  const retryAfterMs = throttlingStatus.has(response.status)
    ? parseRetryAfter(headerOf(response, "retry-after"), nowMs)
    : undefined;
  throw new OtelierError(message, {
    code: "export-refused",
    outcome: retryableStatus.has(response.status) ? "retryable" : "permanent",
    grpcStatus: grpcOfStatus[response.status] ?? 13,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, section 10.2.3); undefined when absent or neither. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function readSuccess(url: URL, contentType: string, body: Buffer): PartialSuccess | undefined {
  if (body.length === 0) return undefined;
  if (contentType === "application/x-protobuf") {
    return readExportResponse(body) ?? unreadable(url);
  }
  if (contentType !== "application/json") return undefined;
  const answer = parseObject(body.toString());
  if (answer === undefined) return unreadable(url);
  const partial = asObject(answer["partialSuccess"]) ?? {};
  const rejected = partial["rejectedSpans"] ?? partial["rejectedDataPoints"] ?? partial["rejectedLogRecords"];
  const message = partial["errorMessage"];
  return { rejectedItems: Number(rejected ?? 0), message: typeof message === "string" ? message : "" };
}

/** The server took the request but did not speak OTLP: sending again would double what it may have kept. */
function unreadable(url: URL): never {
  throw new OtelierError(`error parsing the response of ${url.href}`, {
    code: "bad-answer",
    outcome: "permanent",
  });
}

function jsonStatus(contentType: string, body: Buffer): { readonly message: string } | undefined {
  const parsed = contentType === "application/json" ? parseObject(body.toString()) : undefined;
  const message = parsed?.["message"];
  return typeof message === "string" ? { message } : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
