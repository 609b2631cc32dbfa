import { afterAll, beforeAll, expect, test } from "vitest";
import { sendGrpc, sendHttp, type Answer } from "../../../../test/fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";

let otlp: RunningReceiver;
beforeAll(async () => {
  otlp = await startReceiver(
    "{protocols: {grpc: {endpoint: 'localhost:0'}, http: {endpoint: 'localhost:0'}}, multitenancy_enabled: true}",
  );
});
afterAll(() => otlp.receiver.shutdown());

type Protocol = "grpc" | "http/protobuf" | "http/json";
type Headers = Readonly<Record<string, string>>;

function send(protocol: Protocol, headers: Headers): Promise<Answer> {
  switch (protocol) {
    case "grpc":
      return sendGrpc(otlp.grpcPort, otlpBytes("traces"), { headers });
    case "http/protobuf":
      return sendHttp(otlp.httpPort, otlpBytes("traces"), { headers });
    case "http/json":
      return sendHttp(otlp.httpPort, otlpJson.traces, { type: "application/json", headers });
  }
}

const protocols: readonly Protocol[] = ["grpc", "http/protobuf", "http/json"];

test.each(protocols)("%s: a request is its tenant's, also when two send at once", async (protocol) => {
  const before = otlp.traces.batches.length;
  const ids = ["acme", "globex", "acme", "A.b_c-9"];
  const answers = await Promise.all(ids.map((id) => send(protocol, { "x-scope-orgid": id })));
  expect(answers.map((answer) => [answer.http, answer.grpc ?? 0])).toEqual(ids.map(() => [200, 0]));
  const tenants = otlp.traces.batches.slice(before).map(({ context }) => context.tenant);
  expect(tenants.toSorted()).toEqual(ids.toSorted());
  expect(otlp.senders.list("globex")).toEqual([
    expect.objectContaining({ tenant: "globex", items: { traces: 2, metrics: 0, logs: 0 } }),
    ...otlp.senders.list("globex").slice(1),
  ]);
});

const slash = "tenant ID 'a/b' contains unsupported character '/'";

interface Refused {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly http: number;
  readonly grpc: number;
  readonly message: string;
  readonly reason: string;
}

const missing = { http: 401, grpc: 16, message: "no org id", reason: "no-org-id" };
const bad = { http: 400, grpc: 3, reason: "bad-org-id" };
const refused: readonly Refused[] = [
  { name: "no header", headers: {}, ...missing },
  { name: "an empty one", headers: { "x-scope-orgid": "" }, ...missing },
  { name: "two tenants", headers: { "x-scope-orgid": "a|b" }, ...bad, message: "multiple org IDs present" },
  { name: "a slash", headers: { "x-scope-orgid": "a/b" }, ...bad, message: slash },
];

test.each(protocols.flatMap((protocol) => refused.map((one) => ({ protocol, ...one }))))(
  "$protocol, $name: refused and counted",
  async ({ protocol, headers, http, grpc, message, reason }) => {
    const counter = (): number => {
      const transport = protocol === "grpc" ? "grpc" : "http";
      const labels = { receiver: "otlp", transport, protocol, reason };
      return otlp.settings.metrics.counter("otelier_receiver_refused_requests", labels, "").value;
    };
    const before = { batches: otlp.traces.batches.length, count: counter() };
    const answer = await send(protocol, headers);
    expect(answer).toMatchObject({ http: protocol === "grpc" ? 200 : http, grpc, message });
    expect({ batches: otlp.traces.batches.length, count: counter() }).toEqual({
      batches: before.batches,
      count: before.count + 1,
    });
    // Of no tenant: only the operator sees it.
    const unnamed = otlp.senders.list("").find((sender) => sender.protocol === protocol);
    expect(unnamed?.refusals.map((refusal) => refusal.reason)).toContain(reason);
    expect(unnamed?.advice.map(({ code, fix }) => [code, fix])).toContainEqual([
      reason,
      'OTEL_EXPORTER_OTLP_HEADERS="x-scope-orgid=TENANT"',
    ]);
  },
);

test("without the option the header means nothing", async () => {
  const single = await startReceiver();
  try {
    const headers = { "x-scope-orgid": "a/b" };
    expect((await sendGrpc(single.grpcPort, otlpBytes("traces"), { headers })).grpc).toBe(0);
    expect(single.traces.batches.map(({ context }) => context.tenant)).toEqual([""]);
  } finally {
    await single.receiver.shutdown();
  }
});
