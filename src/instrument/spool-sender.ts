import { messageOf } from "../base/error.ts";
import { nobodyListens } from "../base/net/nobody-listens.ts";
import type { RunFolder, SpooledRequest } from "./run-folder.ts";

const requestTimeoutMs = 5000;

export interface SendResult {
  readonly sent: number;
  /** Requests that the receiver refused for good, with its reasons. */
  readonly refused: readonly string[];
  /** Why the rest stays in the spool, when it does. */
  readonly problem?: string;
  /** Whether that is because nobody listens. */
  readonly isUnheard?: boolean;
}

/**
 * Sends what ended processes left behind, oldest first, and removes it. Stops at the first failure that a later try may mend;
 * what the receiver refuses for good is dropped and said.
 */
export async function sendSpooled(folder: RunFolder): Promise<SendResult> {
  let sent = 0;
  const refused: string[] = [];
  for (const request of folder.spooled()) {
    const outcome = await post(request);
    if (outcome.kind === "later")
      return { sent, refused, problem: outcome.reason, isUnheard: outcome.isUnheard };
    if (outcome.kind === "refused") refused.push(outcome.reason);
    else sent++;
    folder.remove(request);
  }
  return { sent, refused };
}

type Outcome =
  | { readonly kind: "sent" }
  | { readonly kind: "refused" | "later"; readonly reason: string; readonly isUnheard: boolean };

async function post(request: SpooledRequest): Promise<Outcome> {
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      body: request.body,
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    await response.arrayBuffer();
    if (response.ok) return { kind: "sent" };
    const later = [429, 502, 503, 504].includes(response.status);
    return {
      kind: later ? "later" : "refused",
      reason: `HTTP ${response.status} from ${request.url}`,
      isUnheard: false,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { kind: "later", reason: messageOf(cause), isUnheard: nobodyListens(error) };
  }
}
