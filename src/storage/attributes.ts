/**
 * One attribute as stored and shown: `value` is the text form (OTLP AnyValue as the Collector's AsString prints it; arrays and maps as JSON),
 * `type` its OTLP type. An int above 2^53 stays exact because the text does.
 */
export interface StoredAttribute {
  readonly key: string;
  readonly value: string;
  readonly type: AttributeType;
}

export type AttributeType = "string" | "bool" | "int" | "double" | "bytes" | "array" | "map" | "empty";

/** Where an attribute lives. */
export type AttributeScope = "resource" | "scope" | "span" | "event" | "link" | "log" | "metric";

/** `key = value` as a filter. `scope` absent: any scope of the signal that has the key. */
export interface AttributeFilter {
  readonly scope?: AttributeScope;
  readonly key: string;
  readonly operator: "=" | "!=" | "exists" | "contains";
  /** Ignored for "exists". */
  readonly value: string;
}
