import { anyValueSpec, keyValueSpec } from "./common-spec.ts";
import { isPackable, wireTypeOf, WireType, type FieldSpec, type MessageSpec } from "./field.ts";
import { logRecordSpec } from "./logs-spec.ts";
import {
  exponentialHistogramDataPointSpec,
  histogramDataPointSpec,
  numberDataPointSpec,
  summaryDataPointSpec,
} from "./metrics-spec.ts";
import { rootSpecs } from "./schema.ts";
import type { Signal } from "./signal.ts";
import { spanSpec } from "./traces-spec.ts";

/** What to do with a field, by its tag. */
export const Action = {
  skipVarint: 0,
  skipFixed64: 1,
  skipFixed32: 2,
  skipBytes: 3,
  message: 4,
  /** A KeyValue, which has a shortcut. */
  keyValue: 5,
  packedVarint: 6,
  packedFixed64: 7,
  refuse: 8,
  traceId: 9,
  spanId: 10,
} as const;

/** Tags from here on (field 17 and up) are no known field's. */
export const knownTags: number = 17 * 8;

/** What the check of one message needs, arranged for its loop. */
export interface CheckPlan {
  readonly spec: MessageSpec;
  /** Action by tag, `knownTags` of them. */
  readonly actions: Uint8Array;
  /** Plans of submessages by field number. */
  readonly children: (CheckPlan | undefined)[];
  /** 1 for a span, data point or log record. */
  readonly items: number;
  /** 1 for AnyValue, whose nesting is bounded. */
  readonly depth: number;
}

const itemSpecs: ReadonlySet<MessageSpec> = new Set([
  spanSpec,
  logRecordSpec,
  numberDataPointSpec,
  histogramDataPointSpec,
  exponentialHistogramDataPointSpec,
  summaryDataPointSpec,
]);

const plans = new Map<MessageSpec, CheckPlan>();

/** Actions of unknown fields by wire type: skip what is well-formed, refuse groups and what does not exist. */
export const unknownActions: Uint8Array = Uint8Array.of(
  Action.skipVarint,
  Action.skipFixed64,
  Action.skipBytes,
  Action.refuse,
  Action.refuse,
  Action.skipFixed32,
  Action.refuse,
  Action.refuse,
);

function planOf(spec: MessageSpec): CheckPlan {
  const known = plans.get(spec);
  if (known !== undefined) return known;
  const actions = Uint8Array.from({ length: knownTags }, (_, tag) =>
    tag < 8 ? Action.refuse : unknownActions[tag & 7]!,
  );
  const plan: CheckPlan = {
    spec,
    actions,
    children: Array.from({ length: 17 }, () => undefined),
    items: itemSpecs.has(spec) ? 1 : 0,
    depth: spec === anyValueSpec ? 1 : 0,
  };
  plans.set(spec, plan);
  for (const field of spec.fields) {
    for (let wireType = 0; wireType < 8; wireType++) {
      actions[field.number * 8 + wireType] = actionOf(field, wireType);
    }
    if (field.message !== undefined) plan.children[field.number] = planOf(field.message);
  }
  return plan;
}

function actionOf(field: FieldSpec, wireType: number): number {
  if (field.message === keyValueSpec && wireType === WireType.bytes) return Action.keyValue;
  if (field.message !== undefined && wireType === WireType.bytes) return Action.message;
  const single = wireTypeOf(field.type);
  if (wireType === single && field.idBytes > 0) return field.idBytes === 16 ? Action.traceId : Action.spanId;
  if (wireType === single) return unknownActions[wireType]!;
  if (wireType !== WireType.bytes || !field.repeated || !isPackable(field.type)) return Action.refuse;
  // No OTLP field packs 32-bit fixed numbers.
  return single === WireType.varint ? Action.packedVarint : Action.packedFixed64;
}

export const rootPlans: Readonly<Record<Signal, CheckPlan>> = {
  traces: planOf(rootSpecs.traces),
  metrics: planOf(rootSpecs.metrics),
  logs: planOf(rootSpecs.logs),
};
