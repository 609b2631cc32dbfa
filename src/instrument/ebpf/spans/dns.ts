import type { RecordHead } from "./record.ts";
import type { AttributeValue, TracedSpan } from "./span.ts";

/** One question to a name server. */
export interface DnsRecord extends RecordHead {
  readonly kind: "dns";
  readonly name: string;
  /** "AAAA" */
  readonly type: string;
  /** In the words of getaddrinfo's h_errno: "host_not_found"; "" without one. */
  readonly error: string;
  readonly transport: "udp" | "tcp";
  /** The name server; "" when it is not known. */
  readonly server: { readonly address: string; readonly port: number };
}

/** With the semantic conventions' attributes for DNS, which are in development and define no span. */
export function dnsSpan(record: DnsRecord): TracedSpan {
  const attributes = new Map<string, AttributeValue>([
    ["dns.question.name", record.name],
    ["network.transport", record.transport],
  ]);
  if (record.server.address !== "") {
    attributes.set("server.address", record.server.address);
    attributes.set("server.port", record.server.port);
  }
  if (record.failed) attributes.set("error.type", record.error || "_OTHER");
  return { record, name: `DNS ${record.type}`, kind: 3, attributes, failed: record.failed };
}
