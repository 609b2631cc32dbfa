import { parseLongDuration } from "../base/duration.ts";
import { signals, type Signal } from "../telemetry/signal.ts";

/** How long telemetry is kept when nobody says otherwise. */
export const defaultRetention = "7d";

export interface RetentionAges {
  /** 0 keeps all. */
  readonly maxAgeMs: number;
  /** Signals with an age of their own. */
  readonly signals: Readonly<Partial<Record<Signal, number>>>;
}

/** Reads "7d", "7d,logs=2d,metrics=0"; undefined when the text is none: an age is missing, negative, or given twice. */
export function parseRetention(text: string): RetentionAges | undefined {
  const found = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, name = "", age = ""] = /^(?:([a-z]+)=)?(.*)$/.exec(part.trim()) ?? [];
    const ms = parseLongDuration(age);
    if (ms === undefined || ms < 0 || found.has(name)) return undefined;
    if (name !== "" && !signals.some((signal) => signal === name)) return undefined;
    found.set(name, ms);
  }
  const maxAgeMs = found.get("");
  if (maxAgeMs === undefined) return undefined;
  const own = signals.flatMap((signal) => {
    const ms = found.get(signal);
    return ms === undefined ? [] : [[signal, ms] as const];
  });
  return { maxAgeMs, signals: Object.fromEntries(own) };
}
