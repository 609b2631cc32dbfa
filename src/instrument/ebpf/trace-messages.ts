/** What launcher and tracer say to each other over the channel between their processes. */

import type { Signal } from "../../telemetry/signal.ts";
import type { Selection } from "./discovery/selection.ts";
import type { RouteRules } from "./spans/routes.ts";

export interface TracerOptions {
  /** The environment of the traced program, of which only OTEL_* is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this package. */
  readonly version: string;
  /** Where this package lies: its own processes are not observed. */
  readonly packageFolder?: string;
  /** Observe these running processes, of any language; without it, Go programs are traced that "trace" messages name. */
  readonly select?: Selection;
  /** How paths of observed processes become routes; undefined leaves them without. */
  readonly routes?: RouteRules;
}

export type ToTracer =
  /** Comes first. Not an argument, which every user of the machine could read: headers may hold secrets. */
  | { readonly kind: "start"; readonly options: TracerOptions }
  /** Makes ready for a program that is about to start. */
  | { readonly kind: "prepare"; readonly file: string }
  /** Traces this process and what it starts, as far as they are Go programs. */
  | { readonly kind: "trace"; readonly pid: number }
  /** What became of "telemetry". */
  | {
      readonly kind: "taken";
      readonly id: number;
      readonly outcome: "sent" | "later" | "refused";
      readonly problem: string;
    }
  /** Sends what is there and ends. */
  | { readonly kind: "stop" };

export type FromTracer =
  /** The kernel took all programs and lets them be attached. */
  | {
      readonly kind: "ready";
      /** Why requests that programs send get no trace context. */
      readonly propagationRefused?: string;
    }
  | { readonly kind: "prepared" }
  /** Nothing can be traced here; the process ends. */
  | { readonly kind: "failed"; readonly reason: string }
  | {
      readonly kind: "traced";
      readonly pid: number;
      readonly service: string;
      readonly goVersion: string;
      readonly libraries: readonly string[];
      readonly notes: readonly string[];
      /** What is sent, and where to: "traces to http://...". */
      readonly sends: readonly string[];
    }
  | {
      readonly kind: "observed";
      readonly pid: number;
      readonly service: string;
      readonly executable: string;
      readonly sends: readonly string[];
    }
  /** OTLP, where the starter takes it itself; wants an answer. */
  | {
      readonly kind: "telemetry";
      readonly id: number;
      readonly signal: Signal;
      readonly body: Uint8Array;
    }
  | { readonly kind: "left-alone"; readonly file: string; readonly reason: string }
  /** All that was seen has been sent. The process ends by itself, once the kernel has taken its probes away, which takes seconds. */
  | { readonly kind: "finished" }
  /** Spans that were lost in the kernel are neither in traces nor in metrics; those that the receiver did not take are only missing in traces. */
  | {
      readonly kind: "lost";
      readonly what: "spans" | "log records";
      readonly count: number;
      readonly why: string;
    }
  /** Metrics of a Go program's runtime that cannot be read: its variables are not where they should be. */
  | { readonly kind: "unread"; readonly pid: number; readonly metrics: readonly string[] }
  /** The last values of metrics were not taken. */
  | { readonly kind: "metrics-unsent"; readonly why: string };

export function isFromTracer(message: unknown): message is FromTracer {
  return typeof message === "object" && message !== null && "kind" in message;
}
export function isToTracer(message: unknown): message is ToTracer {
  return typeof message === "object" && message !== null && "kind" in message;
}

/** For people, as are the others. */
export function tracedLine(message: FromTracer & { readonly kind: "traced" }): string {
  const who = `otelier: ${message.service} (go ${message.goVersion}, pid ${message.pid})`;
  const what = `instrumented ${message.libraries.join(", ")} by eBPF`;
  return [`${who}: ${what}`, ...message.notes, `sends ${message.sends.join(", ")}`].join("; ");
}

export function unreadLine({ pid, metrics }: FromTracer & { readonly kind: "unread" }): string {
  return `otelier: no ${metrics.join(", ")} of the Go program with pid ${pid}: they are not where its runtime should keep them`;
}
