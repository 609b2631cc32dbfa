import { expect, it } from "vitest";
import { otlpJsonToBytes } from "../../telemetry/json/parse.ts";
import { identifySender, KnownIdentities } from "./identify.ts";

function request(service: string, attributes: readonly string[] = []): Uint8Array {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const all = [
    text("service.name", service),
    text("telemetry.sdk.language", "go"),
    ...attributes.map((value) => text("more", value)),
  ];
  const json = { resourceSpans: [{ resource: { attributes: all } }] };
  const parsed = otlpJsonToBytes("traces", Buffer.from(JSON.stringify(json)));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.bytes;
}

const cases: readonly (readonly [string, Uint8Array, string])[] = [
  ["a sender", request("cart"), "cart"],
  ["another with as many bytes", request("shop"), "shop"],
  ["the first again", request("cart"), "cart"],
  ["a resource too large to remember", request("large", ["x".repeat(5000)]), "large"],
  ["no resource", new Uint8Array(0), ""],
  ["what is no request", new Uint8Array([0x0a, 0xff, 0x01]), ""],
];

it("what is remembered is what the bytes say", () => {
  const known = new KnownIdentities();
  for (const [name, bytes, service] of [...cases, ...cases]) {
    expect(known.identify(bytes), name).toEqual(identifySender(bytes));
    expect(known.identify(bytes).service, name).toBe(service);
  }
});

it("more senders than are remembered are told apart all the same", () => {
  const known = new KnownIdentities();
  for (let index = 0; index < 2500; index++) {
    expect(known.identify(request(`s${index % 1300}`)).service).toBe(`s${index % 1300}`);
  }
});
