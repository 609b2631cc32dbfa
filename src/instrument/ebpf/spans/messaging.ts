import type { RecordHead } from "./record.ts";
import type { AttributeValue, TracedSpan } from "./span.ts";

/** What a client asks of a message broker. */
export interface MessagingRecord extends RecordHead {
  readonly kind: "messaging";
  /** messaging.system */
  readonly system: string;
  readonly operation: "send" | "poll";
  /** "" where it is not one for all messages, or not known. */
  readonly destination: string;
  /** Undefined where it is not one. */
  readonly partition: number | undefined;
  /** How many messages, where that is known. */
  readonly messages: number | undefined;
  readonly clientId: string;
  /** The broker's name of an error; "" without one. */
  readonly error: string;
  readonly server: { readonly address: string; readonly port: number };
}

/** With the names of the semantic conventions for messaging, which are in development. */
export function messagingSpan(record: MessagingRecord): TracedSpan {
  const { operation, destination, partition, messages, server } = record;
  const attributes = new Map<string, AttributeValue>([
    ["messaging.system", record.system],
    ["messaging.operation.name", operation],
    ["messaging.operation.type", operation === "send" ? "send" : "receive"],
  ]);
  if (destination !== "") attributes.set("messaging.destination.name", destination);
  if (partition !== undefined) attributes.set("messaging.destination.partition.id", String(partition));
  if (messages !== undefined) attributes.set("messaging.batch.message_count", messages);
  if (record.clientId !== "") attributes.set("messaging.client.id", record.clientId);
  if (server.address !== "") {
    attributes.set("server.address", server.address);
    attributes.set("server.port", server.port);
  }
  if (record.failed) attributes.set("error.type", record.error || "_OTHER");
  const name = destination === "" ? operation : `${operation} ${destination}`;
  return { record, name, kind: 3, attributes, failed: record.failed };
}
