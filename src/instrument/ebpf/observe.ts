import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { ObservedRun } from "./observed-run.ts";
import { readProcess } from "./discovery/running-process.ts";
import type { Rule, Selection } from "./discovery/selection.ts";
import { pageSize, wallClockAheadNs } from "./kernel/native.ts";
import { readGoObjects, readObject } from "./object-file.ts";
import { startProcessChanges, type ProcessChanges } from "./process-changes.ts";
import { executableOf } from "./process-tree.ts";
import { startSentContext } from "./sent-context.ts";
import { SyscallTracer } from "./syscalls/syscall-tracer.ts";
import { explainRefusal } from "./refusal.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";
import { TracedRun } from "./traced-run.ts";
import { Tracer, wantsLogs } from "./tracer.ts";

/** Observes running processes of any language; Go's are traced inside, from the first one on. Throws when the kernel refuses. */
export function observe(
  selection: Selection,
  options: TracerOptions,
  say: (message: FromTracer) => void,
): { run(): Promise<void>; stop(): void } {
  const world = { clock: systemClock, epochNs: wallClockAheadNs, pageBytes: pageSize(), say };
  const changes = (all: boolean): ProcessChanges | undefined =>
    startProcessChanges(() => readObject("processes"), systemClock, all);
  let go: { readonly traced: TracedRun; readonly running: Promise<void> } | undefined;
  const startGo = (): { readonly traced: TracedRun; readonly running: Promise<void> } => {
    const traced = new TracedRun(
      new Tracer(readGoObjects(), {
        wantsLogs: wantsLogs(options.environment),
        ofLauncher: false,
      }),
      options,
      {
        ...world,
        changes: changes(false),
        environmentOf: (each) => environmentOf(each, goRules.get(each), selection),
      },
    );
    return { traced, running: traced.run() };
  };
  const goRules = new Map<number, Rule>();
  const traceGo = (pid: number, rule: Rule): void => {
    goRules.set(pid, rule);
    try {
      go ??= startGo();
      go.traced.trace(pid);
    } catch (error) {
      say({ kind: "left-alone", file: `Go program with pid ${pid}`, reason: explainRefusal(error) });
    }
  };
  const observed = new ObservedRun(
    new SyscallTracer(readObject("syscalls"), (object) => startSentContext(readObject("context"), object)),
    selection,
    options,
    {
      ...world,
      changes: changes(true),
      monotonicNs: () => process.hrtime.bigint(),
      traceGo,
    },
  );
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

/** As the process has it, with the names that the selection gives, which stand above or below its own. */
function environmentOf(
  pid: number,
  rule: Rule | undefined,
  { service, namespace }: Selection,
): TracerOptions["environment"] {
  const environment = readProcess(pid, executableOf(pid) ?? "")?.environment ?? {};
  const spaces = [namespace, environment["OTEL_RESOURCE_ATTRIBUTES"], rule?.namespace];
  const attributes = spaces.map((each, index) =>
    index === 1 || each === undefined ? each : `service.namespace=${encodeURIComponent(each)}`,
  );
  return {
    ...(service === undefined ? {} : { OTEL_SERVICE_NAME: service }),
    ...environment,
    ...(rule?.name === undefined ? {} : { OTEL_SERVICE_NAME: rule.name }),
    OTEL_RESOURCE_ATTRIBUTES: attributes.filter((each) => (each ?? "") !== "").join(","),
  };
}
