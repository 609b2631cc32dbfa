import { expect, test } from "vitest";
import type { SpanRecord } from "../../../spans/record.ts";
import { dnsMessage } from "../../testdata/dns-bytes.ts";
import { clientSocket, observe, type Step } from "../../testdata/observe.ts";

const udp = { ...clientSocket, protocol: "udp", remotePort: 53 } as const;
const tcp = { ...clientSocket, remotePort: 53 };

function line(record: SpanRecord): string {
  if (record.kind !== "dns") return record.kind;
  const { name, type, transport, server, error, startNs, endNs } = record;
  return `${type} ${name} ${transport} ${server.address}:${server.port} ${error || "ok"} ${startNs}-${endNs}`;
}

const withLength = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
const [a, aaaa] = [1, 28];
const answer = { answer: true } as const;

test.each<readonly [string, readonly Step[], readonly string[]]>([
  [
    "two questions of one resolver, whose answers come in the other order",
    [
      { at: 1, out: dnsMessage(7, "Shop.Example", a) },
      { at: 1, out: dnsMessage(8, "Shop.Example", aaaa) },
      { at: 3, in: dnsMessage(8, "shop.example", aaaa, answer) },
      { at: 5, in: dnsMessage(7, "shop.example", a, answer) },
    ],
    ["AAAA Shop.Example udp 10.0.0.2:53 ok 1-3", "A Shop.Example udp 10.0.0.2:53 ok 1-5"],
  ],
  [
    "no such name, a server that fails, one that refuses",
    [
      { at: 1, out: dnsMessage(1, "gone.example", a) },
      { at: 2, in: dnsMessage(1, "gone.example", a, { ...answer, code: 3 }) },
      { at: 3, out: dnsMessage(2, "torn.example", a) },
      { at: 4, in: dnsMessage(2, "torn.example", a, { ...answer, code: 2 }) },
      { at: 5, out: dnsMessage(3, "mine.example", 999) },
      { at: 6, in: dnsMessage(3, "mine.example", 999, { ...answer, code: 5 }) },
    ],
    [
      "A gone.example udp 10.0.0.2:53 host_not_found 1-2",
      "A torn.example udp 10.0.0.2:53 try_again 3-4",
      "TYPE999 mine.example udp 10.0.0.2:53 no_recovery 5-6",
    ],
  ],
  [
    "a question that is asked again lasts from the first; none that is answered is a timeout",
    [
      { at: 1, out: dnsMessage(1, "slow.example", a) },
      { at: 10, out: dnsMessage(1, "slow.example", a) },
      { at: 12, in: dnsMessage(1, "slow.example", a, answer) },
      { at: 20, out: dnsMessage(2, "never.example", a) },
      { at: 25, out: dnsMessage(2, "never.example", a) },
    ],
    ["A slow.example udp 10.0.0.2:53 ok 1-12", "A never.example udp 10.0.0.2:53 timeout 20-25"],
  ],
  [
    "answers to nobody, to another question, and another's number",
    [
      { at: 1, out: dnsMessage(1, "a.example", a) },
      { at: 2, in: dnsMessage(2, "a.example", a, answer) },
      { at: 3, in: dnsMessage(1, "b.example", a, answer) },
    ],
    ["A a.example udp 10.0.0.2:53 timeout 1-3"],
  ],
  ["a question to us is none of ours", [{ at: 1, in: dnsMessage(1, "a.example", a) }], []],
  ["bytes behind a question", [{ at: 1, out: Buffer.concat([dnsMessage(1, "a", a), Buffer.alloc(3)]) }], []],
  ["a name that is none", [{ at: 1, out: dnsMessage(1, "a\n.example", a) }], []],
])("%s", (_, steps, expected) => {
  expect(observe(steps, udp).records.map(line)).toEqual(expected);
});

test.each([
  ["at once", [withLength(dnsMessage(1, "shop.example", a, answer))]],
  ["its length alone", [Buffer.from([0, 30]), dnsMessage(1, "shop.example", a, answer)]],
])("over TCP, the answer read %s", (_, reads) => {
  const steps = [
    { at: 1, out: withLength(dnsMessage(1, "shop.example", a)) },
    ...reads.map((bytes, index) => ({ at: 3 + index, in: bytes })),
  ];
  const end = 2 + reads.length;
  expect(observe(steps, tcp).records.map(line)).toEqual([`A shop.example tcp 10.0.0.2:53 ok 1-${end}`]);
});

test("names of the local network are left alone", () => {
  const steps = [{ at: 1, out: dnsMessage(0, "printer.local", a) }];
  expect(observe(steps, { ...udp, remotePort: 5353 }).records).toEqual([]);
});
