import { describe, expect, test } from "vitest";
import type { SpanRecord } from "../../../spans/record.ts";
import {
  batchOf,
  fetchRequest,
  fetchResponse,
  metadataRequest,
  metadataResponse,
  produceRequest,
  produceResponse,
} from "../../testdata/kafka-bytes.ts";
import { observe, type Step } from "../../testdata/observe.ts";

function line(record: SpanRecord): string {
  if (record.kind !== "messaging") return record.kind;
  const { system, operation, destination, partition, messages, clientId, error, startNs, endNs } = record;
  const what = `${destination || "-"}/${partition ?? "-"} ${messages ?? "-"}`;
  return `${system} ${operation} ${what} ${clientId} ${error || "ok"} ${startNs}-${endNs}`;
}

const linesOf = (steps: readonly Step[]): readonly string[] => observe(steps).records.map(line);
const orders = "00112233445566778899aabbccddeeff";
const named = (topic: string, index = 0): { topic: string; partitions: readonly number[] } => ({
  topic,
  partitions: [index],
});
const sent = (topic: string, messages = 3, bytes = 10) => ({
  topic,
  partitions: [{ index: 2, records: batchOf(messages, bytes) }],
});
const stored = (topic: string, error = 0) => ({ topic, partitions: [{ index: 2, error }] });
const received = (topic: string, records: Buffer, error = 0) => ({
  topic,
  partitions: [{ index: 0, error, records }],
});
const nothing = Buffer.alloc(0);
/** What a client of that version asks first. */
const asks: readonly Step[] = [
  { at: 1, out: metadataRequest(12, 1) },
  { at: 2, in: metadataResponse(12, 1, [{ name: "orders", id: orders }]) },
];

describe.each([0, 2, 3, 5, 7, 8, 9, 11, 13])("Produce %i", (version) => {
  const topic = version < 13 ? "orders" : orders;
  test.each([
    ["is stored", 0, "ok"],
    ["is refused", 19, "NOT_ENOUGH_REPLICAS"],
    ["fails in a way that has no name here", 999, "999"],
  ])("what %s", (_, error, told) => {
    const steps = [
      ...asks,
      { at: 3, out: produceRequest(version, 2, [sent(topic)]) },
      { at: 5, in: produceResponse(version, 2, [stored(topic, error)]) },
    ];
    expect(linesOf(steps)).toEqual([`kafka send orders/2 3 shop-1 ${told} 3-5`]);
  });
});

describe.each([0, 1, 4, 5, 7, 9, 11, 12, 13, 15, 17])("Fetch %i", (version) => {
  const topic = version < 13 ? "orders" : orders;
  test("what brings records, what brings none, what fails", () => {
    const steps = [
      ...asks,
      { at: 3, out: fetchRequest(version, 2, [named(topic)]) },
      { at: 5, in: fetchResponse(version, 2, [received(topic, batchOf(2))]) },
      { at: 6, out: fetchRequest(version, 3, []) },
      { at: 7, in: fetchResponse(version, 3, [received(topic, nothing)]) },
      { at: 8, out: fetchRequest(version, 4, []) },
      { at: 9, in: fetchResponse(version, 4, [received(topic, nothing, 1)]) },
    ];
    expect(linesOf(steps)).toEqual([
      "kafka poll orders/0 - shop-1 ok 3-5",
      "kafka poll orders/0 - shop-1 OFFSET_OUT_OF_RANGE 8-9",
    ]);
  });
});

test.each<readonly [string, readonly Step[], readonly string[]]>([
  [
    "many at a time, each answered by its number",
    [
      {
        at: 1,
        out: Buffer.concat([
          fetchRequest(12, 1, [named("a")]),
          produceRequest(9, 2, [sent("b")]),
          produceRequest(9, 3, [sent("c")]),
        ]),
      },
      { at: 1, out: produceRequest(9, 4, [sent("d")]) },
      {
        at: 4,
        in: Buffer.concat([produceResponse(9, 2, [stored("b")]), produceResponse(9, 3, [stored("c", 3)])]),
      },
      {
        at: 6,
        in: Buffer.concat([
          fetchResponse(12, 1, [received("a", batchOf(1))]),
          produceResponse(9, 4, [stored("d")]),
        ]),
      },
    ],
    [
      "kafka poll a/0 - shop-1 ok 1-6",
      "kafka send b/2 3 shop-1 ok 1-4",
      "kafka send c/2 3 shop-1 UNKNOWN_TOPIC_OR_PARTITION 1-4",
      "kafka send d/2 3 shop-1 ok 1-6",
    ],
  ],
  [
    "a length that is read by itself, and an answer in two reads",
    [
      { at: 1, out: produceRequest(9, 1, [sent("a")]) },
      { at: 2, in: produceResponse(9, 1, [stored("a")]).subarray(0, 4) },
      { at: 3, in: produceResponse(9, 1, [stored("a")]).subarray(4, 20) },
      { at: 4, in: produceResponse(9, 1, [stored("a")]).subarray(20) },
    ],
    ["kafka send a/2 3 shop-1 ok 1-4"],
  ],
  [
    "records of which the end was not seen, over several writes",
    [
      { at: 1, out: produceRequest(9, 1, [sent("a", 100, 90)]).subarray(0, 5000), captured: 1024 },
      { at: 2, out: produceRequest(9, 1, [sent("a", 100, 90)]).subarray(5000), captured: 1024 },
      { at: 3, in: produceResponse(9, 1, [stored("a")]) },
      { at: 4, out: fetchRequest(12, 2, [named("a")]) },
      { at: 5, in: fetchResponse(12, 2, [received("a", batchOf(100, 90))]), captured: 1024 },
      { at: 6, out: fetchRequest(12, 3, [named("a")]) },
      { at: 7, in: fetchResponse(12, 3, [received("a", batchOf(1))]) },
    ],
    ["kafka send a/2 100 shop-1 ok 1-3", "kafka poll a/0 - shop-1 ok 4-5", "kafka poll a/0 - shop-1 ok 6-7"],
  ],
  [
    "several topics have no one name, several partitions no one number",
    [
      { at: 1, out: produceRequest(9, 1, [sent("a"), sent("b")]) },
      { at: 2, in: produceResponse(9, 1, [stored("a"), stored("b", 7)]) },
      {
        at: 3,
        out: produceRequest(9, 2, [
          { topic: "a", partitions: [0, 1].map((index) => ({ index, records: batchOf(1) })) },
        ]),
      },
      {
        at: 4,
        in: produceResponse(9, 2, [{ topic: "a", partitions: [0, 1].map((index) => ({ index, error: 0 })) }]),
      },
      { at: 5, out: produceRequest(9, 3, [sent("a", 100, 90), sent("b")]), captured: 1024 },
      { at: 6, in: produceResponse(9, 3, [stored("a"), stored("b")]) },
    ],
    [
      "kafka send -/- - shop-1 REQUEST_TIMED_OUT 1-2",
      "kafka send a/- - shop-1 ok 3-4",
      "kafka send -/- - shop-1 ok 5-6",
    ],
  ],
  [
    "without acknowledgement nobody answers",
    [{ at: 1, out: produceRequest(9, 1, [sent("a")], 0) }],
    ["kafka send a/2 3 shop-1 ok 1-1"],
  ],
  [
    "a broker that goes away; a fetch that was waiting is none",
    [
      { at: 1, out: produceRequest(9, 1, [sent("a")]) },
      { at: 2, out: fetchRequest(12, 2, [named("a")]) },
    ],
    ["kafka send a/2 3 shop-1 _OTHER 1-2"],
  ],
  [
    "an id that nobody has named",
    [
      { at: 1, out: produceRequest(13, 1, [sent(orders)]) },
      { at: 2, in: produceResponse(13, 1, [stored(orders)]) },
    ],
    ["kafka send -/2 3 shop-1 ok 1-2"],
  ],
  ["a broker's side", [{ at: 1, in: produceRequest(9, 1, [sent("a")]) }], []],
])("%s", (_, steps, expected) => {
  expect(linesOf(steps).toSorted()).toEqual(expected.toSorted());
});

test("a version from the future is counted and nothing is made of it", () => {
  const steps = [
    { at: 1, out: metadataRequest(12, 1) },
    { at: 2, out: produceRequest(14, 2, [sent(orders)]) },
  ];
  const { records, givenUp } = observe(steps);
  expect([records, givenUp]).toEqual([[], 1]);
});
