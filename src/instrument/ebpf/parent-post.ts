/** Hands telemetry to the process that started this one, over the channel between them, and waits for its answer. */
import process from "node:process";
import type { Signal } from "../../telemetry/signal.ts";
import { isToTracer, type FromTracer } from "./trace-messages.ts";

/** "later" when another try may succeed. */
export type Outcome = "sent" | "later" | "refused";

interface Answer {
  readonly outcome: Outcome;
  /** "" when it was taken. */
  readonly problem: string;
}

const waiting = new Map<number, (answer: Answer) => void>();
let last = 0;

/** Never rejects; while the other side does not answer nothing more of the signal is posted. */
export function postToParent(signal: Signal, body: Uint8Array): Promise<Answer> {
  if (last === 0) listen();
  const id = ++last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    const message: FromTracer = { kind: "telemetry", id, signal, body };
    process.send?.(message, (error: Error | null) => {
      if (error !== null) answer(id, { outcome: "later", problem: error.message });
    });
  });
}

function listen(): void {
  process.on("message", (message: unknown) => {
    if (isToTracer(message) && message.kind === "taken") answer(message.id, message);
  });
  process.on("disconnect", () => {
    for (const id of waiting.keys()) answer(id, { outcome: "later", problem: "nobody listens any more" });
  });
}

function answer(id: number, { outcome, problem }: Answer): void {
  waiting.get(id)?.({ outcome, problem });
  waiting.delete(id);
}
