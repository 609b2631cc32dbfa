import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { memoryMiB } from "../../../bench/processes.ts";
import { freePort } from "../../fakes/free-port.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { pause, soon } from "../kinds.ts";
import type { Outcome } from "../outcome.ts";
import { allObjects, countOf, heldBy, left, printObjects, type KernelObjects } from "./kernel-objects.ts";
import { Observer, Target } from "./target.ts";

const connectionsASecond = 10_000;
const [restarts, upgrades] = [10, 5];
const secondsOfALife = 2;
const attachments = 200;

interface Counted {
  readonly answered: number;
  readonly failed: number;
  readonly seconds: number;
}

/** What an observed server and its tracer bear: many short connections, kills under load, upgrades, and being attached to again and again. */
export async function tracerFaults(seconds: number): Promise<readonly Outcome[]> {
  const skipped = lacking();
  const name = `${connectionsASecond.toLocaleString("en")} short connections a second`;
  if (skipped !== undefined) return [{ name, passed: true, figures: {}, skipped }];
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
  const load = path.join(folder, "connections");
  execFileSync("go", ["build", "-o", load, "."], { cwd: path.join(import.meta.dirname, "connections") });
  const service = path.join(folder, "service");
  execFileSync("go", ["build", "-o", service, "."], { cwd: "bench/ebpf-server" });
  const target = new Target(folder, await freePort());
  try {
    return [await shortConnections(name, target, load, seconds), await attachedOften(service)];
  } finally {
    await target.kill();
    rmSync(folder, { recursive: true });
  }
}

function lacking(): string | undefined {
  for (const [command, option] of [
    ["go", "version"],
    ["nginx", "-v"],
  ] as const)
    if (spawnSync(command, [option]).status !== 0) return `${command} is not installed`;
  const doctor = spawnSync(process.execPath, ["dist/main.js", "ebpf", "doctor"], { encoding: "utf8" });
  return doctor.status === 0 ? undefined : doctor.stdout.trim();
}

async function shortConnections(
  name: string,
  target: Target,
  load: string,
  seconds: number,
): Promise<Outcome> {
  const sink = new OtlpSink();
  await sink.listen();
  // Decoding here and now would take the cores from those who are tried.
  sink.hold();
  const before = allObjects();
  target.start();
  const observer = new Observer(target.port, sink.endpoint);
  const memory: number[] = [];
  let held: KernelObjects | undefined;
  const watch = setInterval(
    () => memory.push(observer.pids.reduce((sum, pid) => sum + memoryMiB(pid), 0)),
    1000,
  );
  const run = (rate: number, forSeconds: number): Promise<Counted> =>
    connect(load, target.port, rate, forSeconds);
  try {
    await observer.observesMore(0);
    held = heldBy(observer.pids);
    const calm = await run(connectionsASecond, seconds);
    const afterCalm = memory.length;
    const lives = { answered: 0, failed: 0 };
    for (let life = 0; life < restarts + upgrades; life++) {
      const known = observer.observed;
      await target.kill();
      if (life >= restarts) target.install();
      target.start();
      await observer.observesMore(known);
      const running = run(connectionsASecond / 5, secondsOfALife);
      // A restart is killed under its load, an upgrade after it.
      await pause((secondsOfALife * 1000) / 2);
      if (life < restarts) await target.kill();
      const { answered, failed } = await running;
      lives.answered += answered;
      lives.failed += failed;
    }
    const still = heldBy(observer.pids);
    await pause(2000);
    clearInterval(watch);
    await observer.end();
    sink.release();
    const spans = sink.spans.filter(({ kind }) => kind === 2);
    const isError = (span: (typeof spans)[number]): boolean =>
      span.attributes["error.type"] !== undefined || span.attributes["http.response.status_code"] !== "200";
    const errors = spans.filter(isError).length;
    const wanted = calm.answered + lives.answered;
    const good = spans.length - errors;
    const gone = await soon(() => countOf(left(held!)) === 0, 60_000);
    const first = memory[Math.min(4, afterCalm - 1)] ?? 0;
    return {
      name,
      passed:
        good === wanted &&
        calm.failed === 0 &&
        errors <= lives.failed &&
        gone &&
        countOf(still) === countOf(held) &&
        observer.lossLines.length === 0,
      figures: {
        "connections a second, achieved": Math.round(calm.answered / calm.seconds),
        "connections answered": calm.answered,
        "connections that failed": calm.failed,
        [`the same while it was killed ${restarts} times and replaced ${upgrades} times: answered`]:
          lives.answered,
        "cut off by a kill, or refused after it": lives.failed,
        "spans of answered connections": `${good.toLocaleString("en")} of ${wanted.toLocaleString("en")}`,
        "spans with an error, at most as many as were cut off": errors,
        "losses that were told": observer.lossLines.length === 0 ? "none" : observer.lossLines.join("; "),
        "memory of program and tracer after 5 s": `${Math.round(first)} MiB`,
        "at the end of the calm load": `${Math.round(memory[afterCalm - 1] ?? 0)} MiB`,
        "at the end": `${Math.round(memory.at(-1) ?? 0)} MiB`,
        "at its highest": `${Math.round(Math.max(...memory))} MiB`,
        "in the kernel before": printObjects(before),
        "held by the tracer at the beginning": printObjects(held),
        "held after all kills and upgrades": printObjects(still),
        "of these left when the tracer has ended": printObjects(left(held)),
      },
    };
  } finally {
    clearInterval(watch);
    await observer.end();
    await sink.close();
  }
}

async function connect(load: string, port: number, rate: number, seconds: number): Promise<Counted> {
  const options = [`127.0.0.1:${port}`, String(rate), String(seconds)];
  const child = spawn(load, options, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(child, "close");
  return JSON.parse(text) as Counted;
}

async function attachedOften(file: string): Promise<Outcome> {
  const script = path.join(import.meta.dirname, "attach-often.ts");
  // As many threads as there are programs: the kernel then lets go of them all at once.
  const child = spawn(process.execPath, ["--import", "tsx", script, file, String(attachments)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: "32" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(child, "close");
  const read = JSON.parse(text) as Record<
    "before" | "attached" | "after",
    Record<keyof KernelObjects, number[]>
  >;
  const objects = (at: keyof typeof read): KernelObjects => ({
    program: new Set(read[at].program),
    map: new Set(read[at].map),
    link: new Set(read[at].link),
  });
  const [before, attached, after] = [objects("before"), objects("attached"), objects("after")];
  const gone = await soon(() => countOf(left(attached)) === 0, 60_000);
  return {
    name: `attached to a Go program and detached ${attachments} times`,
    passed: countOf(after) === countOf(before) && attached.link.size > before.link.size && gone,
    figures: {
      "held before": printObjects(before),
      "while attached": printObjects(attached),
      "held afterwards": printObjects(after),
      "left when the process has ended": printObjects(left(attached)),
    },
  };
}
