/** One way to the server: GET with query parameters, JSON back, errors as the server words them. */
import type { ErrorAnswer } from "../../../src/api/explore/wire.ts";
import { noteRefusal, noteTenant } from "./tenant.ts";

/** A refused or failed request. `message` and `hint` are for people; `code` is the server's, or "unreachable" when none answered. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;
  constructor(options: { code: string; message: string; hint?: string; status: number }) {
    super(options.message);
    this.name = "ApiError";
    this.code = options.code;
    this.hint = options.hint ?? "";
    this.status = options.status;
  }
}

export type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Empty and missing parameters are left out; lists repeat the key. */
export function printParameters(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined || value === "") continue;
    if (typeof value === "string" || typeof value === "number") query.append(key, String(value));
    else for (const entry of value) query.append(key, entry);
  }
  const printed = query.toString();
  return printed === "" ? "" : `?${printed}`;
}

/** `path` without leading slash, relative to the page: "api/traces". Rejects with ApiError, or AbortError when `signal` fires. */
export async function getJson<T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path + printParameters(parameters), {
      signal,
      headers: { accept: "application/json" },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw await readError(response);
  noteTenant(response);
  return (await response.json()) as T;
}

/** As getJson, for what changes something; `body`: text. */
export async function sendText<T>(method: "PUT" | "DELETE", path: string, body?: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body, headers: { "content-type": "text/plain" } }),
    });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw await readError(response);
  return (await response.json()) as T;
}

function unreachable(): ApiError {
  return new ApiError({
    code: "unreachable",
    message: "cannot reach Otelier: nothing answers at " + location.host,
    hint: "start it with: otelier up",
    status: 0,
  });
}

async function readError(response: Response): Promise<ApiError> {
  const fallback = {
    code: "http-" + response.status,
    message: `the server answered ${response.status} ${response.statusText}`.trim(),
    status: response.status,
  };
  try {
    const body = (await response.json()) as Partial<ErrorAnswer>;
    if (body.error !== undefined) noteRefusal(body.error);
    return body.error === undefined
      ? new ApiError(fallback)
      : new ApiError({ ...body.error, status: response.status });
  } catch {
    return new ApiError(fallback);
  }
}
