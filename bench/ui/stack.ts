/** Pages over a running stack that holds millions of spans, and the live tail while lines come. */
import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../test/fakes/free-port.ts";
import { StackProcess } from "../../test/e2e/durability/stack-process.ts";
import { openPage } from "../../test/e2e/ui/browser.ts";
import { summaryOf, type Figure } from "../figure.ts";
import { cpuSecondsOf } from "../processes.ts";
import type { ClientMessage, IngestOrder } from "../ingest-client.ts";

/** OTELIER_BENCH_SPANS: how many spans the pages stand over, default 10 million. */
const spans = Number(process.env["OTELIER_BENCH_SPANS"] ?? 10_000_000);
const spansPerOrder = 250_000;
const hours = 2;
const opens = 5;
const tail = { seconds: 10, linesPerSecond: 1000, sendsPerSecond: 10 } as const;
/** The engine rests when it takes less than this share of a core for so long. */
const restShare = 0.05;
const restSeconds = 3;
/** What starting a window of the browser takes at most: it is none of the page's time. */
const windowStartMs = 500;
const root = join(import.meta.dirname, "../..");

export async function measureStack(browser: Browser): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "otelier-ui-bench-"));
  const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
  execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { cwd: root, stdio: ["ignore", 2, 2] });
  const stack = new StackProcess(folder, ports);
  const client = fork(join(import.meta.dirname, "../ingest-client.ts"), { execArgv: ["--import", "tsx"] });
  try {
    await stack.start();
    await fill(client, ports);
    await merged(stack);
    const url = `http://127.0.0.1:${ports.http}`;
    const million = `${(spans / 1e6).toLocaleString("en")}M spans`;
    const figures: Figure[] = [];
    for (const [name, address, ready] of pages) {
      figures.push({
        name: `${million}, ${name}`,
        unit: "ms",
        ...summaryOf(await times(browser, url, address, ready)),
      });
    }
    return [...figures, ...(await liveTail(browser, url, client, ports.grpc))];
  } finally {
    client.kill();
    await stack.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a page shows when it can be used: its own content, not only its frame. */
const pages: readonly (readonly [string, string, string])[] = [
  ["services", `/services?from=now-${hours + 1}h`, "table.table tbody tr"],
  ["service", `/service?name=storefront&from=now-${hours + 1}h`, ".heat-cell"],
  ["traces", `/traces?from=now-${hours + 1}h`, ".trace-row[data-row]"],
  ["map", `/map?from=now-${hours + 1}h`, ".graph-node"],
];

async function fill(
  client: ChildProcess,
  ports: { readonly grpc: number; readonly http: number },
): Promise<void> {
  const orders = Math.ceil(spans / spansPerOrder);
  for (let order = 0; order < orders; order++) {
    process.stderr.write(
      `\r  sending ${(order * spansPerOrder).toLocaleString("en")} of ${spans.toLocaleString("en")} spans `,
    );
    await send(client, {
      port: ports.grpc,
      signal: "traces",
      protocol: "grpc",
      seed: order + 1,
      items: Math.min(spansPerOrder, spans - order * spansPerOrder),
      itemsPerRequest: 1000,
      startUnixMs: Date.now() - Math.round(hours * 3_600_000 * (1 - order / orders)),
    });
  }
  for (;;) {
    const { store } = (await (await fetch(`http://127.0.0.1:${ports.http}/api/status`)).json()) as {
      readonly store: { readonly pendingSegments: number };
    };
    process.stderr.write(`\r  ${store.pendingSegments} segments to insert                        `);
    if (store.pendingSegments === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  process.stderr.write("\r                                                      \r");
}

/** Until the engine has done with the merges that millions of spans at once leave behind: they are part of ingest, which has its own figures. */
async function merged(stack: StackProcess): Promise<void> {
  const engine = stack.enginePid();
  for (let before = cpuSecondsOf(engine); ;) {
    await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
    const now = cpuSecondsOf(engine);
    if (now - before < restShare * restSeconds) return;
    before = now;
  }
}

async function send(client: ChildProcess, order: IngestOrder): Promise<void> {
  client.send({ make: order });
  await once(client, "message");
  client.send("go");
  const [message] = (await once(client, "message")) as [ClientMessage];
  if (message.kind !== "sent") throw new Error(`the client says ${message.kind}`);
}

/** From entering the address in an empty window to the page's own content, program and styles loaded anew each time. */
async function times(
  browser: Browser,
  url: string,
  address: string,
  ready: string,
): Promise<readonly number[]> {
  const took: number[] = [];
  for (let open = 0; open < opens; open++) {
    const { page, context } = await openPage(browser, url);
    await page.waitForTimeout(windowStartMs);
    const start = performance.now();
    await page.goto(address);
    await shows(page, ready);
    took.push(performance.now() - start);
    await context.close();
  }
  return took;
}

/** Looks at each frame; a locator looks again after up to half a second. */
async function shows(page: Page, selector: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => (document.querySelector(${JSON.stringify(selector)}) === null ? requestAnimationFrame(look) : resolve());
    look();
  })`);
}

async function liveTail(
  browser: Browser,
  url: string,
  client: ChildProcess,
  port: number,
): Promise<readonly Figure[]> {
  const { page, context } = await openPage(browser, url);
  const every = 1000 / tail.sendsPerSecond;
  const lines = tail.linesPerSecond / tail.sendsPerSecond;
  const sendLines = (seed: number): Promise<void> =>
    send(client, {
      port,
      signal: "logs",
      protocol: "grpc",
      seed,
      items: lines,
      itemsPerRequest: lines,
      startUnixMs: Date.now(),
    });
  await sendLines(1);
  await page.goto("/logs?view=tail");
  await page.locator(".log-line").first().waitFor();
  const frames = watchFrames(page, tail.seconds * 1000);
  const start = performance.now();
  for (let sent = 0; sent < tail.seconds * tail.sendsPerSecond; sent++) {
    await sendLines(sent + 2);
    const next = start + (sent + 1) * every - performance.now();
    if (next > 0) await new Promise((resolve) => setTimeout(resolve, next));
  }
  const sentSeconds = (performance.now() - start) / 1000;
  const { perSecond, longestMs } = await frames;
  const text = await page.getByText(/Following/).textContent();
  await context.close();
  const read = Number(/of ([\d,]+) read/.exec(text ?? "")?.[1]?.replaceAll(",", "") ?? 0);
  return [
    {
      name: "live tail, lines sent",
      value: (tail.seconds * tail.linesPerSecond) / sentSeconds,
      unit: "lines/s",
    },
    { name: "live tail, lines read by the page", value: read, unit: "lines" },
    { name: "live tail, frames", value: perSecond, unit: "frames/s" },
    { name: "live tail, longest frame", value: longestMs, unit: "ms" },
  ];
}

function watchFrames(page: Page, milliseconds: number): Promise<{ perSecond: number; longestMs: number }> {
  return page.evaluate<{ perSecond: number; longestMs: number }>(`new Promise((resolve) => {
    const start = performance.now();
    let last = start, frames = 0, longestMs = 0;
    const frame = (now) => {
      frames++;
      longestMs = Math.max(longestMs, now - last);
      last = now;
      if (now - start < ${milliseconds}) requestAnimationFrame(frame);
      else resolve({ perSecond: (frames * 1000) / (now - start), longestMs });
    };
    requestAnimationFrame(frame);
  })`);
}
