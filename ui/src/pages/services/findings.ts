/** What is wrong, what changed and what is missing, from the answers that the page has anyway. Pure. */
import type { OperationSummary, Sender, ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { formatAgo, formatCount, formatDuration, formatPercent } from "../../design/format.ts";
import { entryOperations } from "../../panels/services/model.ts";

export interface Finding {
  readonly kind: "wrong" | "changed" | "missing";
  readonly service: string;
  readonly message: string;
  /** To be pasted; "" when there is nothing to set. */
  readonly fix: string;
  /** Where to look. */
  readonly look: "errors" | "operation" | "service" | "senders";
  readonly operation: string;
}

/** Of this share of failed requests a service is listed as failing. */
const failingShare = 0.05;
const fewRequests = 20;
const slowNano = 1e9;
const silentMs = 120_000;
/** A service without requests for this share of the window, and with some from then on, is new in it. */
const newShare = 0.2;

/** Where the variable alone makes logs come; elsewhere a program must have been written to send them. */
const agentsWithLogs: ReadonlySet<string> = new Set(["nodejs", "python", "java", "dotnet"]);

interface Share {
  readonly count: number;
  readonly errors: number;
}

function sumOf(service: ServiceSummary, from: number, to: number): Share {
  let count = 0;
  let errors = 0;
  for (let i = from; i < to; i++) {
    count += service.countSeries[i] ?? 0;
    errors += service.errorSeries[i] ?? 0;
  }
  return { count, errors };
}

const shareOf = (part: Share): number => (part.count === 0 ? 0 : part.errors / part.count);

/** The last fifth of the window against what came before it. */
function serviceFindings(service: ServiceSummary, windowMs: number, nowMs: number): Finding[] {
  const base = { service: service.name, fix: "", operation: "" };
  const findings: Finding[] = [];
  const steps = service.countSeries.length;
  const cut = Math.floor(steps * 0.8);
  const before = sumOf(service, 0, cut);
  const lately = sumOf(service, cut, steps);
  const burst =
    lately.count >= fewRequests &&
    lately.errors >= 3 &&
    shareOf(lately) > 0.02 &&
    before.count >= fewRequests &&
    shareOf(lately) > 2 * shareOf(before);
  if (burst) {
    findings.push({
      ...base,
      kind: "wrong",
      look: "errors",
      message: `fails more than before: ${formatPercent(shareOf(lately))} of requests lately, ${formatPercent(shareOf(before))} until then`,
    });
  } else if (service.count >= fewRequests && service.errorCount / service.count >= failingShare) {
    findings.push({
      ...base,
      kind: "wrong",
      look: "errors",
      message: `fails ${formatPercent(service.errorCount / service.count)} of its requests, ${formatCount(service.errorCount)} in all`,
    });
  }
  const beforeRate = before.count / Math.max(1, cut);
  const lateRate = lately.count / Math.max(1, steps - cut);
  // A window that begins before the service did shows a rise that is none.
  const steady = service.countSeries.slice(0, cut).every((count) => count > 0);
  if (steady && before.count >= 3 * fewRequests && (lateRate > 2 * beforeRate || lateRate < beforeRate / 2)) {
    findings.push({
      ...base,
      kind: "changed",
      look: "service",
      message: `has ${lateRate > beforeRate ? "more" : "fewer"} requests: ${formatPercent(lateRate / beforeRate)} of the rate before`,
    });
  }
  const [old, release] = service.releases.slice(-2);
  if (old !== undefined && release !== undefined) {
    findings.push({
      ...base,
      kind: "changed",
      look: "service",
      message: `runs version ${release.version}, first seen ${formatAgo(release.firstMs, nowMs)}; before: ${old.version}`,
    });
  }
  if (nowMs - service.lastSeenMs > Math.max(silentMs, windowMs / 5)) {
    findings.push({
      ...base,
      kind: "changed",
      look: "service",
      message: `is silent: its last item came ${formatAgo(service.lastSeenMs, nowMs)}`,
    });
  }
  return [...findings, ...missing(service)];
}

/** Services whose first requests came within the window, while others ran before: where all begin together, the window is what is new. */
function newcomers(services: readonly ServiceSummary[], windowMs: number, nowMs: number): Finding[] {
  const firstStep = ({ countSeries }: ServiceSummary): number => countSeries.findIndex((count) => count > 0);
  const ranBefore = services.some((service) => firstStep(service) === 0);
  if (!ranBefore) return [];
  return services
    .filter((service) => firstStep(service) >= service.countSeries.length * newShare)
    .map((service) => {
      const steps = service.countSeries.length;
      const beganMs = nowMs - windowMs + (firstStep(service) / steps) * windowMs;
      return {
        kind: "changed",
        service: service.name,
        operation: "",
        look: "service",
        fix: "",
        message: `is new in this window: its first requests came ${formatAgo(beganMs, nowMs)}`,
      };
    });
}

function missing(service: ServiceSummary): Finding[] {
  const base = {
    kind: "missing" as const,
    service: service.name,
    operation: "",
    look: "service" as const,
  };
  if (service.name === "" || service.name.startsWith("unknown_service")) {
    return [{ ...base, message: "has no name of its own", fix: "OTEL_SERVICE_NAME=my-service" }];
  }
  const findings: Finding[] = [];
  if (service.spanCount > 0 && service.logCount === 0 && agentsWithLogs.has(service.language)) {
    findings.push({ ...base, message: "sends spans but no logs", fix: "OTEL_LOGS_EXPORTER=otlp" });
  }
  if (service.spanCount === 0 && service.logCount > 0) {
    findings.push({ ...base, message: "sends logs but no spans", fix: "OTEL_TRACES_EXPORTER=otlp" });
  }
  if (service.version === "") {
    findings.push({
      ...base,
      message: "does not say its version: a change cannot be told from a release",
      fix: "OTEL_RESOURCE_ATTRIBUTES=service.version=1.0.0",
    });
  }
  return findings;
}

function slowRoutes(operations: readonly OperationSummary[]): Finding[] {
  return entryOperations(operations)
    .filter((operation) => operation.p95Nano >= slowNano && operation.count >= 5)
    .toSorted((a, b) => b.p95Nano - a.p95Nano)
    .slice(0, 5)
    .map((operation) => ({
      kind: "wrong",
      service: operation.service,
      operation: operation.name,
      look: "operation",
      fix: "",
      message: `is slow in ${operation.name}: p95 ${formatDuration(operation.p95Nano)}`,
    }));
}

const order: readonly Finding["kind"][] = ["wrong", "changed", "missing"];

/** Worst first. `windowMs`: length of the window; `nowMs`: its end. */
export function findingsOf(
  services: readonly ServiceSummary[],
  operations: readonly OperationSummary[],
  senders: readonly Sender[],
  windowMs: number,
  nowMs: number,
): readonly Finding[] {
  const all: Finding[] = [
    ...senders.flatMap((sender) =>
      sender.advice.map((advice) => ({
        kind: "wrong" as const,
        service: sender.service,
        operation: "",
        look: "senders" as const,
        message: advice.message,
        fix: advice.fix,
      })),
    ),
    ...services.flatMap((service) => serviceFindings(service, windowMs, nowMs)),
    ...newcomers(services, windowMs, nowMs),
    ...slowRoutes(operations),
  ];
  return all.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}
