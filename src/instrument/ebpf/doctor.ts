import os from "node:os";
import process from "node:process";
import { packageVersion } from "../../base/package-version.ts";
import { startTracer } from "./tracer-process.ts";

export interface TracingReport {
  readonly possible: boolean;
  /** One line for people: what was tried, or what is missing and the remedy. */
  readonly line: string;
  /** Limits that hold although tracing is possible, one line each. */
  readonly limits: readonly string[];
}

/** Loads the real programs into the kernel and attaches one, in a process of its own, and lets go of all. */
export async function examineTracing(): Promise<TracingReport> {
  const machine = `Linux ${os.release()}, ${process.arch}`;
  if (process.platform !== "linux") {
    return no("eBPF is only in Linux; run the program in a Linux container or virtual machine");
  }
  if (process.arch !== "x64" && process.arch !== "arm64") {
    return no(`${machine}: only x86-64 and arm64 are supported`);
  }
  const tracer = await startTracer({ environment: {}, version: packageVersion() }, () => undefined);
  if ("refused" in tracer) return no(`${machine}: ${tracer.refused}`);
  await tracer.stop(2000);
  const { propagationRefused: why } = tracer;
  return {
    possible: true,
    line: `Go programs can be traced: ${machine} loaded every program and attached a probe; ${why === undefined ? "plain HTTP requests and gRPC calls that they send carry traceparent" : "requests that they send carry no traceparent"}`,
    limits: why === undefined ? [] : [`no traceparent in requests that are sent: ${why}`],
  };
}

function no(line: string): TracingReport {
  return { possible: false, line: `Go programs cannot be traced: ${line}`, limits: [] };
}
