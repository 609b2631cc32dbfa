/** What to tell the operator about a sender that could do better: words that can be pasted. */
import { defaultHttpLimits } from "../../../base/net/http-limits.ts";
import type { ConnectionProblem } from "../../../base/net/route-connections.ts";
import type { Protocol } from "../../../telemetry/batch.ts";
import type { SenderRequest } from "../../../pipeline/senders/sender-registry.ts";

export type Advice = NonNullable<SenderRequest["advice"]>;

/** Ports that this receiver listens on, by the protocol they are meant for; undefined: none. */
export interface Ports {
  readonly grpc: number | undefined;
  readonly http: number | undefined;
}

/** Advice for a sender that uses the port meant for the other protocol; it is served all the same. gRPC-web belongs to neither. */
export function wrongPort(
  protocol: Protocol,
  usedPort: number,
  ports: Ports,
  scheme: string,
): Advice | undefined {
  if (usedPort === 0 || protocol === "grpc-web" || protocol === "internal") return undefined;
  const isGrpc = protocol === "grpc";
  const meantFor = usedPort === ports.grpc ? "grpc" : "http";
  if (isGrpc === (meantFor === "grpc")) return undefined;
  const rightPort = isGrpc ? ports.grpc : ports.http;
  const says = isGrpc ? "gRPC" : "HTTP";
  const message = `sends ${says} to port ${usedPort}, which is meant for ${isGrpc ? "HTTP" : "gRPC"}; it is served all the same`;
  const fix =
    rightPort === undefined
      ? `OTEL_EXPORTER_OTLP_PROTOCOL=${isGrpc ? "http/protobuf" : "grpc"}`
      : `OTEL_EXPORTER_OTLP_ENDPOINT=${scheme}://localhost:${rightPort}`;
  return { code: "wrong-port", message, fix };
}

export function wrongPath(path: string, port: number, paths: readonly string[], scheme: string): Advice {
  const doubled = paths.find((known) => path !== known && path.endsWith(known));
  const base = `${scheme}://localhost:${port}`;
  return {
    code: "malformed",
    message: `posts to "${path}", where nothing is received`,
    fix:
      doubled === undefined
        ? `OTEL_EXPORTER_OTLP_ENDPOINT=${base} (a variable for one signal needs the whole URL: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${base}${paths[0] ?? "/v1/traces"})`
        : `OTEL_EXPORTER_OTLP_ENDPOINT=${base} (without ${doubled}, which exporters add)`,
  };
}

export function tooLarge(limitBytes: number, option: string): Advice {
  const raise = limitBytes < defaultHttpLimits.maxBufferedBytes ? `, or raise ${option}` : "";
  return {
    code: "too-large",
    message: `sends more than ${limitBytes} bytes at once`,
    fix: `send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE=256, OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=256)${raise}`,
  };
}

/** Batches wait for some seconds at their sender and a retry for some minutes: what is older was kept, or its clock is wrong. */
const behindMs = 600_000;
/** Nothing honest is from the future; clocks that are set by the network differ by far less. */
const aheadMs = 5000;

/** Advice for a sender whose clock is off, by the time that its first item tells (Unix milliseconds). */
export function clockSkew(itemMs: number | undefined, nowMs: number): Advice | undefined {
  if (itemMs === undefined) return undefined;
  const lateMs = nowMs - itemMs;
  const fix = "sudo timedatectl set-ntp true";
  if (lateMs < -aheadMs) {
    const message = `has a clock that is ${inWords(-lateMs)} ahead: what it sends seems to come from the future`;
    return { code: "clock-skew", message, fix };
  }
  if (lateMs <= behindMs) return undefined;
  const message = `sends items that are ${inWords(lateMs)} old when they arrive: its clock is behind, or it kept them`;
  return { code: "clock-skew", message, fix };
}

/** The largest unit that fits, rounded down: "3 h". */
function inWords(durationMs: number): string {
  for (const [unitMs, unit] of [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
  ] as const)
    if (durationMs >= unitMs) return `${Math.floor(durationMs / unitMs)} ${unit}`;
  return `${Math.floor(durationMs / 1000)} s`;
}

export function malformed(why: string): Advice {
  return {
    code: "malformed",
    message: `sends what cannot be read: ${why}`,
    fix: "check the sender's protocol: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
  };
}

export function unauthenticated(why: string): Advice {
  return {
    code: "unauthenticated",
    message: `is not authenticated: ${why}`,
    fix: 'OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20TOKEN"',
  };
}

/** For a sender whose tenant is missing or cannot be used; `code`: of `readTenant`. */
export function tenantAdvice(code: "no-org-id" | "bad-org-id", why: string): Advice {
  return {
    code,
    message: code === "no-org-id" ? "does not name its tenant" : `names no tenant: ${why}`,
    fix: 'OTEL_EXPORTER_OTLP_HEADERS="x-scope-orgid=TENANT"',
  };
}

/** A connection that never became a request, as the sender's mistake. */
export function problemSighting(role: "grpc" | "http", problem: ConnectionProblem): SenderRequest {
  const { localPort: port } = problem;
  const isTls = problem.kind === "tls-on-plain-port" || problem.kind === "tls-failed";
  const base = `OTEL_EXPORTER_OTLP_ENDPOINT`;
  const fixes: Readonly<Record<ConnectionProblem["kind"], string>> = {
    "tls-on-plain-port": `${base}=http://localhost:${port} (http, not https; for gRPC also OTEL_EXPORTER_OTLP_INSECURE=true)`,
    "plain-on-tls-port": `${base}=https://localhost:${port}`,
    "tls-failed": "OTEL_EXPORTER_OTLP_CERTIFICATE=FILE with the authority of the server's certificate",
    "not-http": "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
  };
  return {
    connection: {
      tenant: "",
      peer: problem.peerAddress,
      userAgent: "",
      protocol: role === "grpc" ? "grpc" : "http/protobuf",
      port,
      encrypted: isTls,
    },
    compression: "",
    bytes: 0,
    advice: { code: "malformed", message: `cannot connect: ${problem.message}`, fix: fixes[problem.kind] },
  };
}
