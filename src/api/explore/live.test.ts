import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batchOf, logs, traces } from "../../../test/contracts/store-corpus.ts";
import { createManualClock, type ManualClock } from "../../../test/fakes/manual-clock.ts";
import { createMemoryStore } from "../../../test/fakes/memory-store/memory-store.ts";
import { serveHttp, type HttpServer } from "../../base/net/http-server.ts";
import { SenderRegistry } from "../../pipeline/senders/sender-registry.ts";
import type { Store } from "../../storage/store.ts";
import { LiveFeed } from "./live.ts";

const connection = {
  tenant: "",
  peer: "127.0.0.1",
  userAgent: "test",
  protocol: "http/protobuf",
  port: 4318,
  encrypted: false,
} as const;
const visible = (signals: string): string => `event: visible\ndata: {"signals":[${signals}]}\n\n`;
const greeting = "retry: 2000\n\n";
const gatherMs = 250;

let clock: ManualClock;
let store: Store;
let subscriptions: number;
let senders: SenderRegistry;
let feed: LiveFeed;

beforeEach(() => {
  clock = createManualClock();
  const memory = createMemoryStore();
  subscriptions = 0;
  store = {
    ...memory,
    onVisible: (listener) => {
      subscriptions++;
      const stop = memory.onVisible(listener);
      return () => {
        subscriptions--;
        stop();
      };
    },
  };
  senders = new SenderRegistry({ clock });
  feed = new LiveFeed(store, senders, clock);
});

/** The pieces of a stream as its reader gets them. */
function open(closed: AbortSignal = new AbortController().signal, tenant = ""): AsyncIterator<string> {
  const { body } = feed.open(closed, tenant);
  return (body as AsyncIterable<string>)[Symbol.asyncIterator]();
}

async function next(stream: AsyncIterator<string>): Promise<string | undefined> {
  const { value, done } = await stream.next();
  return done === true ? undefined : value;
}

describe("events", () => {
  test("come in order, and those of a moment as one", async () => {
    const stream = open();
    expect(await next(stream)).toBe(greeting);
    await store.write(batchOf("traces", traces));
    await store.write(batchOf("logs", logs));
    await store.write(batchOf("traces", traces));
    const first = next(stream);
    await clock.advance(gatherMs);
    expect(await first).toBe(visible('"traces","logs"'));
    senders.record({ connection, compression: "none", bytes: 1 });
    const second = next(stream);
    await clock.advance(gatherMs * 2);
    expect(await second).toBe("event: senders\ndata: {}\n\n");
    await store.write(batchOf("logs", logs));
    const third = next(stream);
    await clock.advance(gatherMs);
    expect(await third).toBe(visible('"logs"'));
  });

  test("reach every page", async () => {
    const streams = [open(), open()];
    for (const stream of streams) await next(stream);
    await store.write(batchOf("logs", logs));
    const both = Promise.all(streams.map(next));
    await clock.advance(gatherMs);
    expect(await both).toEqual([visible('"logs"'), visible('"logs"')]);
  });

  test("a quiet stream gets a comment every 15 seconds", async () => {
    const stream = open();
    await next(stream);
    for (let round = 0; round < 3; round++) {
      const beat = next(stream);
      await clock.advance(14_999);
      const pending = await Promise.race([beat, Promise.resolve("nothing yet")]);
      expect(pending).toBe("nothing yet");
      await clock.advance(1);
      expect(await beat).toBe(": still here\n\n");
    }
  });

  test("a reader that does not read costs a bounded queue, and then learns the newest", async () => {
    const stream = open();
    await next(stream);
    for (let round = 0; round < 1000; round++) {
      await store.write(batchOf(round === 999 ? "logs" : "traces", round === 999 ? logs : traces));
      await clock.advance(gatherMs);
    }
    const quiet = clock.advance(0).then(() => undefined);
    const seen: (string | undefined)[] = [];
    for (
      let piece = await next(stream);
      piece !== undefined;
      piece = await Promise.race([next(stream), quiet])
    )
      seen.push(piece);
    expect(seen.at(-1)).toBe(visible('"logs"'));
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.length).toBeLessThanOrEqual(21);
  });
});

describe("ends", () => {
  test("with the program, and asks the store no more", async () => {
    const stream = open();
    await next(stream);
    expect(subscriptions).toBe(1);
    const end = next(stream);
    feed.close();
    expect(await end).toBeUndefined();
    expect(subscriptions).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("with the reader; the last one that leaves ends the subscription", async () => {
    const leave = new AbortController();
    const [one, two] = [open(leave.signal), open()];
    await next(one);
    await next(two);
    const end = next(one);
    leave.abort();
    expect(await end).toBeUndefined();
    expect(subscriptions).toBe(1);
    await two.return?.();
    expect(subscriptions).toBe(0);
  });

  test("at once for a reader that had left already", async () => {
    expect(await next(open(AbortSignal.abort()))).toBeUndefined();
    expect(subscriptions).toBe(0);
  });

  test("for the 201st page before it begins", async () => {
    const streams = Array.from({ length: 200 }, () => open());
    await Promise.all(streams.map(next));
    const refusal = feed.open(new AbortController().signal, "");
    expect(refusal).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    await streams[0]?.return?.();
    expect(feed.open(new AbortController().signal, "").status).toBe(200);
  });
});

test("tenants hear of their own senders and telemetry only", async () => {
  const [acme, globex] = ["acme", "globex"].map((tenant) => open(undefined, tenant));
  if (acme === undefined || globex === undefined) throw new Error("two streams");
  expect([await next(acme), await next(globex)]).toEqual([greeting, greeting]);
  const record = (tenant: string): void =>
    senders.record({ connection: { ...connection, tenant }, compression: "", bytes: 1 });
  record("globex");
  await clock.advance(gatherMs);
  await clock.advance(gatherMs);
  expect(await next(globex)).toBe("event: senders\ndata: {}\n\n");
  await store.write(batchOf("traces", traces, "acme"));
  await clock.advance(gatherMs);
  await store.write(batchOf("logs", logs, "globex"));
  await store.write(batchOf("traces", traces, "stranger"));
  await clock.advance(gatherMs);
  expect([await next(acme), await next(globex)]).toEqual([visible('"traces"'), visible('"logs"')]);
  // Nothing of another's waits behind it.
  await store.write(batchOf("logs", logs, "acme"));
  await store.write(batchOf("traces", traces, "globex"));
  await clock.advance(gatherMs);
  expect([await next(acme), await next(globex)]).toEqual([visible('"logs"'), visible('"traces"')]);
});

test("what an earlier run left is told of to all, in one event with their own", async () => {
  let tell: Parameters<Store["onVisible"]>[0] = () => undefined;
  const found: Store = { ...store, onVisible: (listener) => ((tell = listener), () => undefined) };
  feed = new LiveFeed(found, senders, clock);
  const [acme, globex] = [open(undefined, "acme"), open(undefined, "globex")];
  expect([await next(acme), await next(globex)]).toEqual([greeting, greeting]);
  tell(new Set(["traces"]), undefined);
  tell(new Set(["traces", "logs"]), new Set(["acme"]));
  await clock.advance(gatherMs);
  expect([await next(acme), await next(globex)]).toEqual([visible('"traces","logs"'), visible('"traces"')]);
});

describe("over a connection", () => {
  let server: HttpServer;
  beforeEach(async () => {
    server = await serveHttp({
      endpoint: "127.0.0.1:0",
      handler: (request) => feed.open(request.closed, ""),
    });
  });
  afterEach(() => server.close(0));

  test("pieces arrive as they are made; a client that goes is noticed", async () => {
    const leave = new AbortController();
    const response = await fetch(`${server.urls[0]}/api/live`, { signal: leave.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(greeting);
    await store.write(batchOf("traces", traces));
    await clock.advance(gatherMs);
    expect((await reader?.read())?.value).toBe(visible('"traces"'));
    leave.abort();
    await reader?.read().catch(() => undefined);
    await expect.poll(() => subscriptions).toBe(0);
  });
});
