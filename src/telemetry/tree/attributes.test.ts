import { describe, expect, it } from "vitest";
import { Batch, internalContext } from "../batch.ts";
import { showValue } from "../testdata/show-tree.ts";
import { Attributes, type AnyValue } from "./attributes.ts";
import { LogRecord, LogsData, ResourceLogs, ScopeLogs } from "./logs.ts";
import { Gauge, Metric, Sum } from "./metrics.ts";
import { NumberDataPoint } from "./data-points.ts";
import { Span, SpanStatus } from "./traces.ts";

/** A record in a tree, and a way to read it again from the encoded bytes. */
function record(): { record: LogRecord; again: () => LogRecord } {
  const tree = new LogsData();
  const scope = tree.resourceLogs.push(new ResourceLogs()).scopeLogs.push(new ScopeLogs());
  const made = scope.logRecords.push(new LogRecord());
  const batch = Batch.fromTree("logs", tree, internalContext);
  const again = (): LogRecord => {
    const copy = Batch.fromBytes("logs", batch.bytes, internalContext);
    return copy.logs().resourceLogs.at(0)!.scopeLogs.at(0)!.logRecords.at(0)!;
  };
  return { record: made, again };
}

function shown(attributes: Attributes): unknown {
  return Array.from(attributes.entries(), ([key, value]) => [key, showValue(value)]);
}

describe("an attribute value", () => {
  const values: readonly (readonly [string, AnyValue])[] = [
    ["text", "größe 🎉"],
    ["empty text", ""],
    ["bool", true],
    ["false", false],
    ["int", -5n],
    ["smallest int", -(2n ** 63n)],
    ["double", 1.5],
    ["minus zero", -0],
    ["bytes", Uint8Array.of(0, 255)],
    ["no bytes", new Uint8Array(0)],
    ["empty", null],
    ["array", ["a", 1n, null, [2.5]]],
    ["empty array", []],
    [
      "kvlist",
      Attributes.of([
        ["k", "v"],
        ["n", Attributes.of([["deep", 1n]])],
      ]),
    ],
  ];
  it.each(values)("survives: %s", (_, value) => {
    const { record: made, again } = record();
    made.attributes.set("key", value);
    made.body = value instanceof Attributes ? Attributes.of(value.entries()) : value;
    expect(showValue(again().attributes.get("key")!)).toStrictEqual(showValue(value));
    expect(showValue(again().body)).toStrictEqual(showValue(value));
    expect(showValue(made.body)).toStrictEqual(showValue(value));
  });
});

describe("Attributes", () => {
  it("keep their order; set replaces in place, delete removes", () => {
    const { record: made, again } = record();
    for (const key of ["a", "b", "c"]) made.attributes.set(key, key);
    const copy = again();
    copy.attributes.set("b", 2n);
    expect(copy.attributes.delete("a")).toBe(true);
    expect(copy.attributes.delete("a")).toBe(false);
    copy.attributes.set("d", true);
    expect(shown(copy.attributes)).toStrictEqual([
      ["b", 2n],
      ["c", "c"],
      ["d", true],
    ]);
    expect(copy.attributes.size).toBe(3);
    expect([...copy.attributes.keys()]).toStrictEqual(["b", "c", "d"]);
    expect(copy.attributes.get("a")).toBeUndefined();
    expect(copy.attributes.has("c")).toBe(true);
  });

  it("tolerate a key that occurs twice", () => {
    // attributes (field 6): a=1, a=2, b=3
    const bytes = Uint8Array.from(
      Buffer.from(
        "3207 0a0161 1202 1801 3207 0a0161 1202 1802 3207 0a0162 1202 1803".replaceAll(" ", ""),
        "hex",
      ),
    );
    const wrapped = Buffer.concat([
      Buffer.of(10, bytes.length + 4, 18, bytes.length + 2, 18, bytes.length),
      bytes,
    ]);
    const open = (): { attributes: Attributes; batch: Batch } => {
      const batch = Batch.fromBytes("logs", new Uint8Array(wrapped), internalContext);
      return {
        batch,
        attributes: batch.logs().resourceLogs.at(0)!.scopeLogs.at(0)!.logRecords.at(0)!.attributes,
      };
    };
    const { attributes, batch } = open();
    expect(attributes.size).toBe(3);
    expect(attributes.get("a")).toBe(1n);
    attributes.set("a", 9n);
    expect(shown(attributes)).toStrictEqual([
      ["a", 9n],
      ["b", 3n],
    ]);
    expect(
      shown(batch.clone().logs().resourceLogs.at(0)!.scopeLogs.at(0)!.logRecords.at(0)!.attributes),
    ).toStrictEqual([
      ["a", 9n],
      ["b", 3n],
    ]);
    const other = open();
    expect(other.attributes.delete("a")).toBe(true);
    expect(shown(other.attributes)).toStrictEqual([["b", 3n]]);
    expect(other.attributes.deleteWhere((key) => key === "b")).toBe(1);
    expect(
      other.batch.clone().logs().resourceLogs.at(0)!.scopeLogs.at(0)!.logRecords.at(0)!.attributes.size,
    ).toBe(0);
  });

  it("can be changed deep inside a received value and a body", () => {
    const { record: made, again } = record();
    made.attributes.set("map", Attributes.of([["list", [Attributes.of([["x", 1n]])]]]));
    made.body = Attributes.of([["k", "v"]]);
    made.body.set("k", "w");
    const tree = new LogsData();
    const scope = tree.resourceLogs.push(new ResourceLogs()).scopeLogs.push(new ScopeLogs());
    const copy = scope.logRecords.push(again());
    const list = (copy.attributes.get("map") as Attributes).get("list") as readonly AnyValue[];
    (list[0] as Attributes).set("x", 2n);
    (copy.body as Attributes).set("new", null);
    const batch = Batch.fromTree("logs", tree, internalContext).clone();
    const read = batch.logs().resourceLogs.at(0)!.scopeLogs.at(0)!.logRecords.at(0)!;
    expect(shown(read.attributes)).toStrictEqual([["map", [["list", [[["x", 2n]]]]]]]);
    expect(showValue(read.body)).toStrictEqual([
      ["k", "w"],
      ["new", null],
    ]);
    // The one it was copied from is as it was.
    expect(shown(again().attributes)).toStrictEqual([["map", [["list", [[["x", 1n]]]]]]]);
  });

  it("are copied when they are set in a second place", () => {
    const { record: made } = record();
    const shared = Attributes.of([["k", 1n]]);
    made.attributes.set("first", shared);
    made.attributes.set("second", shared);
    shared.set("k", 2n);
    expect(shown(made.attributes)).toStrictEqual([
      ["first", [["k", 2n]]],
      ["second", [["k", 1n]]],
    ]);
  });
});

describe("a message made by code", () => {
  it("reads defaults, and missing messages as empty ones that are not written", () => {
    const { record: made, again } = record();
    expect([made.timeUnixNano, made.severityText, made.body, made.traceId.length]).toStrictEqual([
      0n,
      "",
      null,
      0,
    ]);
    made.severityText = "INFO";
    made.severityText = "";
    expect(again().node.end - again().node.start).toBe(0);
    const span = new Span();
    expect(span.status.code).toBe(0);
    expect(span.node.changed).toBe(false);
    span.status.code = 2;
    expect(span.node.changed).toBe(true);
    span.status = new SpanStatus();
    expect(span.status.code).toBe(0);
  });

  it("has one value of a oneof at most", () => {
    const point = new NumberDataPoint();
    expect([point.asInt, point.asDouble]).toStrictEqual([undefined, undefined]);
    point.asInt = 0n;
    expect([point.asInt, point.asDouble]).toStrictEqual([0n, undefined]);
    point.asDouble = 1.5;
    expect([point.asInt, point.asDouble]).toStrictEqual([undefined, 1.5]);
    const metric = new Metric();
    expect(metric.type).toBe("unknown");
    metric.gauge = new Gauge();
    metric.gauge.dataPoints.push(point);
    expect([metric.type, metric.dataPointCount]).toStrictEqual(["gauge", 1]);
    metric.sum = new Sum();
    expect([metric.type, metric.gauge, metric.dataPointCount]).toStrictEqual(["sum", undefined, 0]);
    metric.sum = undefined;
    expect(metric.type).toBe("unknown");
  });
});
