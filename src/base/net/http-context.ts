import type { Clock } from "../clock.ts";
import { messageOf, OtelierError } from "../error.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { HttpLimits } from "./http-limits.ts";
import { jsonResponse, type HttpHandler, type HttpRequest, type HttpResponse } from "./http-message.ts";

/** What the two protocol servers share. */
export interface HttpContext {
  readonly handler: HttpHandler;
  readonly limits: HttpLimits;
  readonly clock: Clock;
  readonly budget: ByteBudget;
  readonly onError: (error: unknown) => void;
}

const statusOfCode: Readonly<Record<string, number>> = {
  "body-too-large": 413,
  "body-timeout": 408,
  "body-aborted": 400,
  overloaded: 429,
};

/** Runs the handler; a rejection becomes a response: the status of a body problem, else 500 without details. */
export async function answer(context: HttpContext, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await context.handler(request);
  } catch (error) {
    context.onError(error);
    const status = error instanceof OtelierError ? statusOfCode[error.code] : undefined;
    const message = status === undefined ? "internal error" : messageOf(error);
    return jsonResponse({ message }, status ?? 500, status === 429 ? { "retry-after": "1" } : {});
  }
}
