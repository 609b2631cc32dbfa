/** What the senders page shows. Pure. */
import type { StatusAnswer, Sender } from "../../../../src/api/explore/wire.ts";

/** Senders with advice first, then by name, protocol and port. */
export function sortSenders(senders: readonly Sender[]): readonly Sender[] {
  const key = (sender: Sender): string =>
    `${sender.service}\n${sender.protocol}\n${sender.port}\n${sender.peer}`;
  return senders.toSorted(
    (a, b) =>
      Number(b.advice.length > 0) - Number(a.advice.length > 0) ||
      (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
  );
}

export interface ListedAdvice {
  readonly sender: Sender;
  readonly message: string;
  readonly fix: string;
  readonly code: string;
  readonly count: number;
  /** Data is lost, not just sent in an odd way. */
  readonly isLoss: boolean;
}

const losses: ReadonlySet<string> = new Set([
  "malformed",
  "too-large",
  "unauthenticated",
  "no-org-id",
  "bad-org-id",
]);

/** All advice, losses first, then the most frequent. */
export function adviceOf(senders: readonly Sender[]): readonly ListedAdvice[] {
  return senders
    .flatMap((sender) =>
      sender.advice.map((advice) => ({ ...advice, sender, isLoss: losses.has(advice.code) })),
    )
    .toSorted((a, b) => Number(b.isLoss) - Number(a.isLoss) || b.count - a.count);
}

const protocolNames: Readonly<Record<string, string>> = {
  grpc: "gRPC",
  "grpc-web": "gRPC-web",
  "http/protobuf": "HTTP, protobuf",
  "http/json": "HTTP, JSON",
};

export function protocolName(protocol: string): string {
  return protocolNames[protocol] ?? protocol;
}

type Loss = StatusAnswer["losses"][number];
type SenderLoss = StatusAnswer["senderLosses"][number];

/** Largest first. */
export function sortLosses(losses: readonly Loss[]): readonly Loss[] {
  return losses.toSorted((a, b) => b.count - a.count);
}

export interface RefusedOfSender {
  readonly sender: SenderLoss;
  readonly reason: string;
  readonly requests: number;
  readonly items: number;
}

/** One line for each sender and reason, most requests first. */
export function refusalsOf(losses: readonly SenderLoss[]): readonly RefusedOfSender[] {
  return losses
    .flatMap((sender) => sender.refusals.map((refusal) => ({ sender, ...refusal })))
    .toSorted((a, b) => b.requests - a.requests);
}

/** "receiver=otlp transport=grpc". */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}
