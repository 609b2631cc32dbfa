import { entryOverhead } from "./hpack-decoder.ts";
import type { HeaderTable } from "./stream.ts";

/** Sent once in honest requests; further ones are ignored, as HTTP/1 servers do. */
const single: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "authorization",
  "user-agent",
  "host",
]);
/** Of HTTP/1 only (RFC 9113, section 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
const validName = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// eslint-disable-next-line no-control-regex -- these are what a value must not have
const invalidValue = /[\0\r\n]/;
const requestPseudo: ReadonlySet<string> = new Set([":method", ":scheme", ":path", ":authority"]);

/** Collects the fields of one block and what is wrong with them (RFC 9113, section 8.2 and 8.3). */
export class HeaderBlock {
  readonly fields: Record<string, string> = Object.create(null) as Record<string, string>;
  readonly #maxBytes: number;
  readonly #maxFields: number;
  #bytes = 0;
  #count = 0;
  #regularSeen = false;
  malformed = false;

  constructor(maxBytes: number, maxFields: number) {
    this.#maxBytes = maxBytes;
    this.#maxFields = maxFields;
  }

  /** More or larger fields than allowed; the rest was read and dropped. */
  get tooLarge(): boolean {
    return this.#bytes > this.#maxBytes || this.#count > this.#maxFields;
  }

  add(name: string, value: string): void {
    this.#bytes += name.length + value.length + entryOverhead;
    this.#count++;
    if (this.tooLarge || this.malformed) return;
    const isPseudo = name.charCodeAt(0) === 0x3a;
    const known = this.fields[name];
    this.malformed =
      !validName.test(name) ||
      invalidValue.test(value) ||
      ofConnections.has(name) ||
      (name === "te" && value !== "trailers") ||
      (isPseudo && (this.#regularSeen || known !== undefined));
    this.#regularSeen ||= !isPseudo;
    if (known === undefined) this.fields[name] = value;
    else if (!single.has(name)) this.fields[name] = `${known}${name === "cookie" ? "; " : ", "}${value}`;
  }
}

/** Whether fields can be those of a request. */
export function isRequest(fields: HeaderTable): boolean {
  const names = Object.keys(fields).filter((name) => name.startsWith(":"));
  return (
    names.every((name) => requestPseudo.has(name)) &&
    fields[":method"] !== undefined &&
    (fields[":method"] === "CONNECT" ||
      (fields[":scheme"] !== undefined && fields[":path"] !== undefined && fields[":path"] !== ""))
  );
}
