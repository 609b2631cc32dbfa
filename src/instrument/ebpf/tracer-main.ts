/**
 * Entry of the tracer's process. Speaks over the IPC channel (trace-messages.ts) and ends when that closes,
 * however the launcher ended; the kernel then drops every probe.
 */
import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { keepHeapHeadroom } from "../../base/heap-headroom.ts";
import { explainRefusal } from "./refusal.ts";
import type { Selection } from "./discovery/selection.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";
import { isToTracer } from "./trace-messages.ts";

function say(message: FromTracer): void {
  if (process.connected) process.send?.(message);
}

/** Observes running processes, as the options select them. */
async function observeRunning(options: TracerOptions, select: Selection): Promise<void> {
  const { observe } = await import("./observe.ts");
  const observed = observe(select, options, say);
  say({ kind: "ready" });
  const running = observed.run();
  process.on("message", (message: unknown) => {
    if (isToTracer(message) && message.kind === "stop") observed.stop();
  });
  process.on("disconnect", () => {
    observed.stop();
    void running.finally(() => process.exit(0));
  });
  await running;
  say({ kind: "finished" });
}

/** What is read lives for moments: collections that go by the live heap would take a quarter of the time. */
const heapHeadroomBytes = 32 * 1024 * 1024;

async function main(options: TracerOptions): Promise<void> {
  keepHeapHeadroom(heapHeadroomBytes, systemClock);
  if (options.select !== undefined) return observeRunning(options, options.select);
  // Imported late: where the native part cannot even be loaded, that is said like everything else.
  const { pageSize, wallClockAheadNs } = await import("./kernel/native.ts");
  const { readGoObjects, readObject } = await import("./object-file.ts");
  const { Tracer, wantsLogs } = await import("./tracer.ts");
  const { TracedRun } = await import("./traced-run.ts");
  const { startProcessChanges } = await import("./process-changes.ts");
  const tracer = new Tracer(readGoObjects(), {
    wantsLogs: wantsLogs(options.environment),
    ofLauncher: true,
  });
  const run = new TracedRun(tracer, options, {
    clock: systemClock,
    epochNs: wallClockAheadNs,
    pageBytes: pageSize(),
    say,
    changes: startProcessChanges(() => readObject("processes"), systemClock, false),
  });
  const running = run.run();
  process.on("message", (message: unknown) => {
    if (!isToTracer(message)) return;
    if (message.kind === "prepare") {
      run.prepare(message.file);
      say({ kind: "prepared" });
    }
    if (message.kind === "trace") run.trace(message.pid);
    if (message.kind === "stop") run.stop();
  });
  process.on("disconnect", () => {
    run.stop();
    void running.finally(() => process.exit(0));
  });
  const { propagationRefused } = tracer;
  say({ kind: "ready", ...(propagationRefused === undefined ? {} : { propagationRefused }) });
  await running;
  say({ kind: "finished" });
}

// Ctrl-C is for the program: its last spans are still to be read.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.once("message", (message: unknown) => {
  if (!isToTracer(message) || message.kind !== "start") process.exit(2);
  main(message.options).then(
    () => (process.connected ? process.disconnect() : undefined),
    (error: unknown) => {
      const failure: FromTracer = { kind: "failed", reason: explainRefusal(error) };
      process.send?.(failure, () => process.exit(1));
    },
  );
});
