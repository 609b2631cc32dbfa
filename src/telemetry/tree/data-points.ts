import {
  bucketsSpec,
  exemplarSpec,
  exponentialHistogramDataPointSpec,
  histogramDataPointSpec,
  numberDataPointSpec,
  summaryDataPointSpec,
  valueAtQuantileSpec,
} from "../wire/metrics-spec.ts";
import type { Attributes } from "./attributes.ts";
import { defineFields } from "./fields.ts";
import { Message } from "./message.ts";
import type { MessageList } from "./message-list.ts";

/** A recorded measurement; at most one of `asDouble` and `asInt` is set, assigning one removes the other. */
export class Exemplar extends Message {
  declare readonly filteredAttributes: Attributes;
  declare timeUnixNano: bigint;
  declare asDouble: number | undefined;
  declare asInt: bigint | undefined;
  declare spanId: Uint8Array;
  declare traceId: Uint8Array;
}
defineFields(Exemplar, exemplarSpec);

/** A point of a gauge or sum; at most one of `asDouble` and `asInt` is set, assigning one removes the other. */
export class NumberDataPoint extends Message {
  declare readonly attributes: Attributes;
  declare startTimeUnixNano: bigint;
  declare timeUnixNano: bigint;
  declare asDouble: number | undefined;
  declare asInt: bigint | undefined;
  declare readonly exemplars: MessageList<Exemplar>;
  declare flags: number;
}
defineFields(NumberDataPoint, numberDataPointSpec, { exemplars: Exemplar });

/** `bucketCounts` has one more element than `explicitBounds`, or both are empty; assign new arrays to change them. */
export class HistogramDataPoint extends Message {
  declare readonly attributes: Attributes;
  declare startTimeUnixNano: bigint;
  declare timeUnixNano: bigint;
  declare count: bigint;
  declare sum: number | undefined;
  declare bucketCounts: readonly bigint[];
  declare explicitBounds: readonly number[];
  declare readonly exemplars: MessageList<Exemplar>;
  declare flags: number;
  declare min: number | undefined;
  declare max: number | undefined;
}
defineFields(HistogramDataPoint, histogramDataPointSpec, { exemplars: Exemplar });

export class Buckets extends Message {
  declare offset: number;
  declare bucketCounts: readonly bigint[];
}
defineFields(Buckets, bucketsSpec);

export class ExponentialHistogramDataPoint extends Message {
  declare readonly attributes: Attributes;
  declare startTimeUnixNano: bigint;
  declare timeUnixNano: bigint;
  declare count: bigint;
  declare sum: number | undefined;
  declare scale: number;
  declare zeroCount: bigint;
  declare positive: Buckets;
  declare negative: Buckets;
  declare flags: number;
  declare readonly exemplars: MessageList<Exemplar>;
  declare min: number | undefined;
  declare max: number | undefined;
  declare zeroThreshold: number;
}
defineFields(ExponentialHistogramDataPoint, exponentialHistogramDataPointSpec, {
  positive: Buckets,
  negative: Buckets,
  exemplars: Exemplar,
});

export class ValueAtQuantile extends Message {
  declare quantile: number;
  declare value: number;
}
defineFields(ValueAtQuantile, valueAtQuantileSpec);

export class SummaryDataPoint extends Message {
  declare readonly attributes: Attributes;
  declare startTimeUnixNano: bigint;
  declare timeUnixNano: bigint;
  declare count: bigint;
  declare sum: number;
  declare readonly quantileValues: MessageList<ValueAtQuantile>;
  declare flags: number;
}
defineFields(SummaryDataPoint, summaryDataPointSpec, { quantileValues: ValueAtQuantile });
