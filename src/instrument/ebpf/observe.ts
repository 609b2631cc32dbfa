import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { ObservedRun } from "./observed-run.ts";
import { readProcess } from "./discovery/running-process.ts";
import type { Selection } from "./discovery/selection.ts";
import { pageSize, wallClockAheadNs } from "./kernel/native.ts";
import { readObject } from "./object-file.ts";
import { executableOf } from "./process-tree.ts";
import { SyscallTracer } from "./syscalls/syscall-tracer.ts";
import { explainRefusal } from "./refusal.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";
import { TracedRun } from "./traced-run.ts";
import { Tracer } from "./tracer.ts";

/** Observes running processes of any language; Go's are traced inside, from the first one on. Throws when the kernel refuses. */
export function observe(
  selection: Selection,
  options: TracerOptions,
  say: (message: FromTracer) => void,
): { run(): Promise<void>; stop(): void } {
  const world = { clock: systemClock, epochNs: wallClockAheadNs, say };
  let go: { readonly traced: TracedRun; readonly running: Promise<void> } | undefined;
  const startGo = (): { readonly traced: TracedRun; readonly running: Promise<void> } => {
    const traced = new TracedRun(new Tracer(readObject("go"), readObject("outgoing")), options, {
      ...world,
      pageBytes: pageSize(),
      environmentOf: (each) => environmentOf(each, selection.service),
    });
    return { traced, running: traced.run() };
  };
  const traceGo = (pid: number): void => {
    try {
      go ??= startGo();
      go.traced.trace(pid);
    } catch (error) {
      say({ kind: "left-alone", file: `Go program with pid ${pid}`, reason: explainRefusal(error) });
    }
  };
  const observed = new ObservedRun(new SyscallTracer(readObject("syscalls")), selection, options, {
    ...world,
    monotonicNs: () => process.hrtime.bigint(),
    traceGo,
  });
  return {
    async run() {
      await observed.run();
      await go?.running;
    },
    stop() {
      observed.stop();
      go?.traced.stop();
    },
  };
}

function environmentOf(pid: number, service: string | undefined): TracerOptions["environment"] {
  const environment = readProcess(pid, executableOf(pid) ?? "")?.environment ?? {};
  return service === undefined ? environment : { OTEL_SERVICE_NAME: service, ...environment };
}
