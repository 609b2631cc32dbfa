import { traceparentOf, type Traceparent } from "./ancestry/traceparent.ts";

/** The head of an HTTP/1 message (RFC 9112) as far as its bytes are there: a cut head gives the header fields before the cut. */

interface Head {
  /** "1.1" */
  readonly version: string;
  /** Bytes of the head with its empty line; undefined when the head is cut. */
  readonly bytes: number | undefined;
  /** Bytes of the body by content-length; undefined when the head says none. */
  readonly length: number | undefined;
  readonly chunked: boolean;
}

export interface RequestHead extends Head {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly traceparent: Traceparent | undefined;
}

export interface ResponseHead extends Head {
  readonly status: number;
}

/** The request whose head begins at the start of `bytes`; undefined when none does. */
export function requestHead(bytes: Buffer): RequestHead | undefined {
  const { lines, size } = linesOf(bytes);
  const [, method, target, version] = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(lines[0] ?? "") ?? [];
  if (method === undefined || target === undefined || version === undefined) return undefined;
  const fields = fieldsOf(lines);
  // Proxies are asked with a whole URL, of which the authority wins over the host field.
  const [, authority, rest] = target.startsWith("/") ? [] : (/^https?:\/\/([^/?]*)(.*)$/i.exec(target) ?? []);
  const address = rest === undefined ? target : rest || "/";
  const mark = address.indexOf("?");
  return {
    method,
    path: mark === -1 ? address : address.slice(0, mark),
    query: mark === -1 ? "" : address.slice(mark + 1),
    host: authority ?? fields.get("host") ?? "",
    traceparent: traceparentOf(fields.get("traceparent")),
    ...framing(version, size, fields),
  };
}

/** The response whose head begins at the start of `bytes`; undefined when none does. */
export function responseHead(bytes: Buffer): ResponseHead | undefined {
  const { lines, size } = linesOf(bytes);
  const [, version, status] = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(lines[0] ?? "") ?? [];
  if (version === undefined) return undefined;
  return { status: Number(status), ...framing(version, size, fieldsOf(lines)) };
}

function linesOf(bytes: Buffer): { readonly lines: readonly string[]; readonly size: number | undefined } {
  const end = bytes.indexOf("\r\n\r\n");
  const lines = bytes.toString("latin1", 0, end === -1 ? bytes.length : end).split("\r\n");
  // The last line of a cut head may lack its end.
  if (end === -1) lines.pop();
  return { lines, size: end === -1 ? undefined : end + 4 };
}

function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

function framing(version: string, bytes: number | undefined, fields: ReadonlyMap<string, string>): Head {
  const length = /^\d{1,15}$/.exec(fields.get("content-length") ?? "")?.[0];
  return {
    version,
    bytes,
    length: length === undefined ? undefined : Number(length),
    chunked: /\bchunked\s*$/i.test(fields.get("transfer-encoding") ?? ""),
  };
}
