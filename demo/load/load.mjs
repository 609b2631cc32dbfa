// Steady visitors of the shop: a handful of people who browse, search, buy, mistype and give up, with pauses in between.
//   STOREFRONT_URL=http://127.0.0.1:8080 node load.mjs [--users 8] [--rate 8]
// --rate bounds the requests per second of all users together. Stops on SIGTERM or SIGINT and prints one line of figures.
import { parseArgs } from "node:util";
import { journeys } from "./journeys.mjs";

const { values } = parseArgs({
  options: { users: { type: "string", default: "8" }, rate: { type: "string", default: "8" } },
});
const shop = process.env.STOREFRONT_URL ?? "http://127.0.0.1:8080";
const users = Math.min(100, Math.max(1, Number(values.users) || 8));
const rate = Math.min(200, Math.max(0.1, Number(values.rate) || 8));

const counts = { requests: 0, ok: 0, refused: 0, failed: 0, unreachable: 0 };
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stopping.abort());

const pause = (ms) =>
  new Promise((resolve) => {
    if (stopping.signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stopping.signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.signal.addEventListener("abort", done);
  });

// Tickets: each request waits until the common pace allows it.
let nextTicket = performance.now();
async function ticket() {
  const now = performance.now();
  nextTicket = Math.max(now, nextTicket + 1000 / rate);
  await pause(nextTicket - now);
}

/** One visitor: keeps a cookie as a browser does, follows redirects, and thinks between pages. */
function visitor() {
  let cookie = "";
  async function send(method, path, form) {
    await ticket();
    if (stopping.signal.aborted) return undefined;
    counts.requests += 1;
    try {
      const response = await fetch(shop + path, {
        method,
        redirect: "manual",
        headers: { ...(cookie === "" ? {} : { cookie }), "user-agent": "bramble-and-buoy-visitor/1" },
        body: form === undefined ? undefined : new URLSearchParams(form),
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(15_000)]),
      });
      cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
      await response.arrayBuffer();
      counts[response.status >= 500 ? "failed" : response.status >= 400 ? "refused" : "ok"] += 1;
      if (response.status === 303) return await send("GET", response.headers.get("location"));
      return response.status;
    } catch {
      if (!stopping.signal.aborted) counts.unreachable += 1;
      else counts.requests -= 1;
      return undefined;
    }
  }
  return {
    get: (path) => send("GET", path),
    post: (path, form) => send("POST", path, form),
    think: () => pause(200 + Math.random() * 800),
    forget: () => {
      cookie = "";
    },
  };
}

function pick(weighted) {
  let draw = Math.random() * weighted.reduce((sum, { weight }) => sum + weight, 0);
  return weighted.find(({ weight }) => (draw -= weight) < 0) ?? weighted[0];
}

async function live() {
  const person = visitor();
  while (!stopping.signal.aborted) {
    await pick(journeys).walk(person);
    person.forget();
    await pause(500 + Math.random() * 1500);
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: users }, live));
const seconds = (performance.now() - started) / 1000;
console.log(
  `load: ${counts.requests} requests in ${seconds.toFixed(1)} s (${(counts.requests / seconds).toFixed(1)}/s): ` +
    `${counts.ok} served, ${counts.refused} refused, ${counts.failed} failed, ${counts.unreachable} unreachable`,
);
