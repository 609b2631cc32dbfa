import { findField, type Range } from "./wire-field.ts";

/**
 * Who sent a request, read from its bytes without decoding it: a few attributes of the first resource. Traces, metrics and logs share this part of
 * their layout: field 1 of the request is a resource entry, its field 1 the resource, its field 1 the attributes (KeyValue {key = 1, value = 2
 * {string_value = 1}}).
 */
export interface SenderIdentity {
  readonly service: string;
  readonly sdkLanguage: string;
  readonly sdkVersion: string;
}

export const unknownIdentity: SenderIdentity = { service: "", sdkLanguage: "", sdkVersion: "" };

const keys = {
  service: Buffer.from("service.name"),
  sdkLanguage: Buffer.from("telemetry.sdk.language"),
  sdkVersion: Buffer.from("telemetry.sdk.version"),
} as const;

const maxTextBytes = 256;
/** Of `KnownIdentities`: 2 MiB at most. */
const maxIdentities = 1000;
const maxKeyBytes = 2048;
const firstField = (1 << 3) | 2;
const secondField = (2 << 3) | 2;

/** Never throws: malformed bytes are an unknown sender. Texts are cut at 256 bytes. */
export function identifySender(bytes: Uint8Array): SenderIdentity {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const resource = findResource(source);
  return resource === undefined ? unknownIdentity : readIdentity(source, resource);
}

/** `identifySender` that remembers what it read, by the bytes of the resource: senders say the same with each request, and many send small ones. */
export class KnownIdentities {
  readonly #known = new Map<string, SenderIdentity>();

  identify(bytes: Uint8Array): SenderIdentity {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const resource = findResource(source);
    if (resource === undefined) return unknownIdentity;
    if (resource.end - resource.start > maxKeyBytes) return readIdentity(source, resource);
    const key = source.toString("latin1", resource.start, resource.end);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const identity = readIdentity(source, resource);
    if (this.#known.size >= maxIdentities) this.#known.clear();
    this.#known.set(key, identity);
    return identity;
  }
}

function findResource(source: Buffer): Range | undefined {
  const entry = findField(source, 0, source.length, firstField);
  return entry === undefined ? undefined : findField(source, entry.start, entry.end, firstField);
}

function readIdentity(source: Buffer, resource: Range): SenderIdentity {
  const identity = { ...unknownIdentity };
  let found = 0;
  for (let at = resource.start; at < resource.end && found < 3;) {
    const attribute = findField(source, at, resource.end, firstField);
    if (attribute === undefined) break;
    at = attribute.end;
    const key = findField(source, attribute.start, attribute.end, firstField);
    const name = key === undefined ? undefined : nameOf(source, key);
    if (name === undefined) continue;
    found++;
    const value = findField(source, attribute.start, attribute.end, secondField);
    const text = value === undefined ? undefined : findField(source, value.start, value.end, firstField);
    if (text === undefined) continue;
    identity[name] = source.toString("utf8", text.start, Math.min(text.end, text.start + maxTextBytes));
  }
  return identity;
}

function nameOf(source: Buffer, key: Range): keyof typeof keys | undefined {
  const length = key.end - key.start;
  for (const name of ["service", "sdkLanguage", "sdkVersion"] as const) {
    const wanted = keys[name];
    if (length === wanted.length && source.compare(wanted, 0, length, key.start, key.end) === 0) return name;
  }
  return undefined;
}
