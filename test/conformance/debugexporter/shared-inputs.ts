/** What the rebuilt telemetry of all signals shares (core pdata/testdata). */
import type { AnyValue, Attributes } from "../../../src/telemetry/tree/attributes.ts";
import { EntityRef } from "../../../src/telemetry/tree/common.ts";

export const startTime: bigint = 1_581_452_772_000_000_321n;
export const time: bigint = 1_581_452_773_000_000_789n;
export const eventTime: bigint = 1_581_452_773_000_000_123n;
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const traceId: Uint8Array = hex("0102030405060708090a0b0c0d0e0f10");
export const spanId: Uint8Array = hex("1112131415161718");

export function fill(attributes: Attributes, entries: Readonly<Record<string, AnyValue>>): void {
  for (const [key, value] of Object.entries(entries)) attributes.set(key, value);
}

export const resourceAttributes: Readonly<Record<string, AnyValue>> = {
  "resource-attr": "resource-attr-val-1",
};
export const entityAttributes: Readonly<Record<string, AnyValue>> = {
  "service.name": "my-service",
  "service.version": "1.0.0",
  "host.name": "server-01",
};

export function addEntities(list: { push(entity: EntityRef): unknown }): void {
  const service = new EntityRef();
  service.type = "service";
  service.schemaUrl = "https://opentelemetry.io/schemas/1.21.0";
  service.idKeys = ["service.name"];
  service.descriptionKeys = ["service.version"];
  const host = new EntityRef();
  host.type = "host";
  host.idKeys = ["host.name"];
  list.push(service);
  list.push(host);
}
