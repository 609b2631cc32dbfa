/** Lines of text with the shapes that all three signals share: attributes, values, times, ids, numbers. Follows the Collector's debug exporter. */
import type { AnyValue, Attributes } from "../../../telemetry/tree/attributes.ts";
import type { InstrumentationScope, Resource } from "../../../telemetry/tree/common.ts";
import { anyValueToString } from "../../../telemetry/attributes/text.ts";

export class TextWriter {
  private readonly lines: string[] = [];

  line(text: string): void {
    this.lines.push(text);
  }

  /** A field of a span: the name padded so that values line up. */
  field(name: string, value: string): void {
    this.line(`    ${name.padEnd(15)}: ${value}`);
  }

  /** Nothing when empty. An arrow in the header indents the entries below it. */
  attributes(header: string, attributes: Attributes): void {
    if (attributes.size === 0) return;
    this.line(`${header}:`);
    const arrow = header.indexOf("->");
    const prefix = `${arrow === -1 ? "" : header.slice(0, arrow)}     ->`;
    for (const [key, value] of attributes.entries()) this.line(`${prefix} ${key}: ${printValue(value)}`);
  }

  resource(resource: Resource): void {
    this.attributes("Resource attributes", resource.attributes);
    if (resource.entityRefs.length === 0) return;
    this.line("Resource entity refs:");
    let number = 0;
    for (const entity of resource.entityRefs) {
      this.line(`     -> Entity ref #${number++}:`);
      this.line(`          -> Type: ${entity.type}`);
      if (entity.schemaUrl !== "") this.line(`          -> Schema URL: ${entity.schemaUrl}`);
      this.keys("ID keys", entity.idKeys);
      this.keys("Description keys", entity.descriptionKeys);
    }
  }

  private keys(header: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.line(`          -> ${header}:`);
    for (const key of keys) this.line(`               -> ${key}`);
  }

  scope(scope: InstrumentationScope): void {
    this.line(`InstrumentationScope ${scope.name} ${scope.version}`);
    this.attributes("InstrumentationScope attributes", scope.attributes);
  }

  /** All lines, each ended by a line break. */
  toString(): string {
    return this.lines.length === 0 ? "" : `${this.lines.join("\n")}\n`;
  }
}

/** "Str(x)", "Int(1)": the Collector's ValueType names around its AsString text. */
export function printValue(value: AnyValue): string {
  return `${typeName(value)}(${anyValueToString(value)})`;
}

function typeName(value: AnyValue): string {
  if (value === null) return "Empty";
  switch (typeof value) {
    case "string":
      return "Str";
    case "boolean":
      return "Bool";
    case "bigint":
      return "Int";
    case "number":
      return "Double";
    default:
      if (value instanceof Uint8Array) return "Bytes";
      return Array.isArray(value) ? "Slice" : "Map";
  }
}

/** Go's time.Time.String in UTC: "2020-02-11 20:26:13.000000789 +0000 UTC", without a fraction when it is zero. */
export function printTime(unixNano: bigint): string {
  const seconds = unixNano / 1_000_000_000n;
  const nanos = unixNano % 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${unixNano} ns`;
  const text = date.toISOString().slice(0, 19).replace("T", " ");
  const fraction = nanos === 0n ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  return `${text}${fraction} +0000 UTC`;
}

/** Lower-case hex; '' for an id that is all zero, as pdata prints it. */
export function printId(id: Uint8Array): string {
  return id.every((byte) => byte === 0) ? "" : Buffer.from(id).toString("hex");
}

/** Go's %f. */
export function printFixed(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  // toFixed switches to exponents from 1e21 on; BigInt prints such whole numbers in full.
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** Go's %v of a float64: shortest form, exponent below 1e-4 and from 1e21 on. */
export function printShortest(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(value);
}
