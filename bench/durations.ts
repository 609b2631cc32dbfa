/**
 * How close the durations of spans that `otelier ebpf` makes of uninstrumented servers are to what their client measures: each of bench/durations/servers.ts
 * is asked by bench/durations/client.c for answers after some milliseconds, over one connection and over one for each request. Every request must have
 * become a span with its method, path and status. Needs clang, and what `otelier ebpf doctor` asks for.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { start, type Started } from "../test/e2e/ebpf/started.ts";
import { OtlpSink, type SunkSpan } from "../test/fakes/otlp-sink.ts";
import { startServers, type Asked } from "./durations/servers.ts";
import { tableOf, Tally } from "./durations/tally.ts";
import type { Figure, Subject } from "./figure.ts";
import { main, measureTracing } from "./measure-tracing.ts";

const delaysMs = [0, 1, 5, 20];
/** Whether the client waits for answers as others do, or looks for them all the while, which leaves out what it takes to wake it. */
const waits = process.env["OTELIER_BENCH_SPIN"] === "1" ? "spin" : "sleep";
/** As client.c names them. */
const connections = { keep: "kept", quick: "kept, acknowledges", each: "one each" } as const;
type Connection = keyof typeof connections;
const ofOne: readonly Connection[] = ["keep", "each"];
/** What is answered in parts, TCP sends as soon as the part before is acknowledged. */
const ofParts: readonly Connection[] = ["keep", "quick", "each"];
/** Each server is asked in so many turns, so that what else the machine does falls on all of them. */
const turns = Number(process.env["OTELIER_BENCH_TURNS"] ?? 4);
/** Of each delay, in each turn. */
const requestsOfTurn = 50;
/** Asked first in each turn; they must have their spans too, but their durations do not count. */
const warmUps = 10;

/** One request: what was asked, what is expected, and what the client measured. */
interface Measured {
  readonly asked: Asked;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  /** Undefined for those that only have to be there. */
  readonly tally: Tally | undefined;
  clientMs: number;
  withOpeningMs: number;
}

export const durations: Subject = {
  about: `spans of uninstrumented servers beside what a client measures, answers after ${delaysMs.join(", ")} ms, ${turns * requestsOfTurn} of each`,
  run: () => measureTracing(lacking, measure),
};

async function measure(folder: string): Promise<readonly Figure[]> {
  // nginx reads its file as another user.
  execFileSync("chmod", ["755", folder]);
  const client = join(folder, "client");
  const sink = new OtlpSink();
  const ends: (() => Promise<unknown>)[] = [];
  try {
    execFileSync("clang", ["-O2", "-o", client, join(import.meta.dirname, "durations/client.c")]);
    await sink.listen();
    ends.push(() => sink.close());
    const servers = await startServers(folder, delaysMs);
    ends.push(() => servers.end());
    const observer = await observe(servers.asked, sink.endpoint);
    ends.push(() => observer.end("SIGINT"));
    const tallies = await measureAll(client, servers.asked, sink);
    console.error(`\n${tableOf(tallies)}\n`);
    return tallies.flatMap((tally): readonly Figure[] => tally.figures());
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** What is missing, for people. */
function lacking(): string | undefined {
  return spawnSync("clang", ["--version"]).status === 0 ? undefined : "clang is not installed";
}

/** Starts `otelier ebpf` for the ports of all; resolves once it says of each that it is observed, of nginx of both processes. */
async function observe(asked: readonly Asked[], endpoint: string): Promise<Started> {
  const ports = [...new Set(asked.map(({ port }) => port))].flatMap((port) => ["--port", String(port)]);
  const observer = start(process.execPath, [main, "ebpf", ...ports, "--endpoint", endpoint], {});
  const services = asked.map(({ service }) => service);
  for (let tries = 0; tries < 200; tries++) {
    const said = observer.stderr();
    const isObserved = (service: string): boolean =>
      said.split("\n").filter((line) => line.includes(`: ${service} (`) && line.includes(" observes "))
        .length >= (service === "nginx" ? 2 : 1);
    if (services.every(isObserved)) return observer;
    await setTimeout(100);
  }
  await observer.end();
  throw new Error(`not all servers are observed: ${observer.stderr()}`);
}

async function measureAll(
  client: string,
  asked: readonly Asked[],
  sink: OtlpSink,
): Promise<readonly Tally[]> {
  const tallies = new Map<string, Tally>();
  const measured: Measured[] = [];
  // While requests are measured, nothing else is computed here.
  sink.hold();
  for (let turn = 0; turn < turns; turn++) {
    for (const server of asked) {
      for (const connection of server.parts ? ofParts : ofOne) {
        const requests = requestsOf(server, connection, `${turn}-${measured.length}`, tallies);
        await ask(client, server, connection, requests);
        measured.push(...requests);
      }
    }
    console.error(`  ${turn + 1} of ${turns} turns measured`);
  }
  const spans = await spansOf(measured, sink);
  for (const request of measured) {
    const { clientMs, withOpeningMs, tally } = request;
    tally?.add({
      clientMs,
      withOpeningMs,
      spanMs: spans.get(keyOf(request.asked.service, request.query))!.durationMs,
    });
  }
  return [...tallies.values()];
}

/** What is asked in one turn: one of each delay after the other. The warm-ups are of other methods and statuses too. */
function requestsOf(
  asked: Asked,
  connection: Connection,
  turn: string,
  tallies: Map<string, Tally>,
): readonly Measured[] {
  const requests: Measured[] = [];
  const add = (method: string, path: string, status: number, tally?: Tally): void =>
    void requests.push({
      asked,
      method,
      path,
      query: `n=${turn}-${requests.length}`,
      status,
      tally,
      clientMs: 0,
      withOpeningMs: 0,
    });
  for (let index = 0; index < warmUps; index++)
    add("GET", index % 2 === 0 ? asked.paths.get(0)! : "/missing", index % 2 === 0 ? 200 : 404);
  for (let index = 0; index < requestsOfTurn; index++) {
    for (const [delay, path] of asked.paths) {
      const name = `${asked.name}, ${delay} ms, ${connections[connection]}`;
      let tally = tallies.get(name);
      if (tally === undefined) tallies.set(name, (tally = new Tally(name, connection === "each")));
      add("GET", path, 200, tally);
    }
  }
  return requests;
}

/** Has the client ask for all, and notes what it measured. */
async function ask(
  client: string,
  { name, port }: Asked,
  connection: string,
  requests: readonly Measured[],
): Promise<void> {
  const child = spawn(client, [String(port), connection, waits], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(requests.map(({ method, path, query }) => `${method} ${path}?${query}\n`).join(""));
  const lines = (await text(child.stdout)).trimEnd().split("\n");
  if (lines.length !== requests.length)
    throw new Error(`${name}: ${lines.length} of ${requests.length} requests were answered`);
  for (const [index, line] of lines.entries()) {
    const request = requests[index]!;
    const [status, openedNs, begunNs, endedNs] = line.split(" ").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    if (status !== request.status) throw new Error(`${name}: ${request.path} was answered with ${status}`);
    request.clientMs = (endedNs - begunNs) / 1e6;
    request.withOpeningMs = openedNs === 0 ? request.clientMs : (endedNs - openedNs) / 1e6;
  }
}

/** The span of each request by its query; throws when one is missing or is not what was asked. */
async function spansOf(
  measured: readonly Measured[],
  sink: OtlpSink,
): Promise<ReadonlyMap<string, SunkSpan>> {
  const found = new Map<string, SunkSpan>();
  const missing = (): readonly Measured[] =>
    measured.filter(({ asked, query }) => !found.has(keyOf(asked.service, query)));
  for (let tries = 0; tries < 40; tries++) {
    sink.release();
    for (const span of sink.spans) {
      if (span.kind === 2) found.set(keyOf(span.service, span.attributes["url.query"] ?? ""), span);
    }
    if (missing().length === 0) break;
    await setTimeout(500);
  }
  const [first] = missing();
  if (first !== undefined)
    throw new Error(
      `${missing().length} of ${measured.length} requests have no span, the first ${first.asked.name} ${first.path}?${first.query}`,
    );
  for (const { asked, method, path, query, status } of measured) {
    const { attributes } = found.get(keyOf(asked.service, query))!;
    const told = [
      attributes["http.request.method"],
      attributes["url.path"],
      attributes["http.response.status_code"],
    ].join(" ");
    if (told !== `${method} ${path} ${status}`)
      throw new Error(`the span of ${method} ${path} ${status} says ${told}`);
  }
  return found;
}

function keyOf(service: string, query: string): string {
  return `${service} ${query}`;
}
