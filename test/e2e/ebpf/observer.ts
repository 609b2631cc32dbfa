/** `otelier ebpf` around programs of a test, and what it tells of them. */
import path from "node:path";
import process from "node:process";
import { expect } from "vitest";
import { until } from "../until.ts";
import type { OtlpSink, SunkSpan } from "../../fakes/otlp-sink.ts";
import { start, type Started } from "./started.ts";

export const root: string = path.resolve(import.meta.dirname, "../../..");

/** A program or file of the fixtures. */
export function fixture(name: string): string {
  return path.join(root, "test/fixtures/ebpf", name);
}

/** Starts `otelier ebpf` with `args` and waits until it has said all of `lines`. */
export async function startObserver(
  sink: OtlpSink,
  args: readonly string[],
  lines: readonly RegExp[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const main = path.join(root, "dist/main.js");
  const observer = start(process.execPath, [main, "ebpf", ...args, "--endpoint", sink.endpoint], environment);
  await until(() => lines.every((line) => line.test(observer.stderr())));
  return observer;
}

/** The options that select these programs. */
export function byPid(programs: readonly Started[]): readonly string[] {
  return programs.flatMap(({ pid }) => ["--pid", String(pid)]);
}

/** Waits until a program has written its first line; resolves with it. */
export async function firstLine(program: Started): Promise<string> {
  await until(() => program.stdout().includes("\n"));
  return program.stdout().split("\n")[0]!;
}

/** Waits for a span. */
export async function spanWhere(sink: OtlpSink, isIt: (span: SunkSpan) => boolean): Promise<SunkSpan> {
  await expect.poll(() => sink.spans.some(isIt)).toBe(true);
  return sink.spans.find(isIt)!;
}

/** A trace of the test's own. */
export function traceId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
