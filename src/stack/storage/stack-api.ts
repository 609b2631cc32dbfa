/** Asks the API of a running stack, from the shell. */
import { messageOf, OtelierError } from "../../base/error.ts";
import { HttpClient, type HttpClientResponse, type HttpClientStream } from "../../base/net/http-client.ts";
import { tenantHeader } from "../../telemetry/tenant.ts";
import type { ErrorAnswer } from "../../api/explore/wire.ts";

const maxAnswerBytes = 256 * 1024 * 1024;

export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** "/api/storage"; undefined values are left out. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

export class StackApi {
  private readonly base: URL;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly client = new HttpClient({ keepAlive: false, maxResponseBytes: maxAnswerBytes });
  private readonly signal: AbortSignal;

  /** A name and password in the URL are sent as basic credentials; `tenant`: '' names none. Throws "bad-argument" for what is no URL. */
  constructor(url: string, tenant: string, signal: AbortSignal) {
    if (!URL.canParse(url)) {
      throw new OtelierError(`cannot use "${url}": write a URL as http://127.0.0.1:4319`, {
        code: "bad-argument",
        outcome: "permanent",
      });
    }
    this.base = new URL(url);
    this.signal = signal;
    const { username, password } = this.base;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    this.headers = {
      ...(username === "" ? {} : { authorization: `Basic ${credentials.toString("base64")}` }),
      ...(tenant === "" ? {} : { [tenantHeader]: tenant }),
    };
    this.base.username = "";
    this.base.password = "";
  }

  /** The body of a 200. Rejects with the stack's own error, or "stack-unreachable" that says what to do. */
  async ask(request: ApiRequest): Promise<Buffer> {
    const response: HttpClientResponse = await this.client
      .send({ ...this.prepared(request), body: request.body === undefined ? [] : [request.body] })
      .catch((cause: unknown) => this.unreachable(cause));
    if (response.status === 200) return response.body;
    throw errorOf(response.status, response.body.toString("utf8"));
  }

  async askJson<T>(request: ApiRequest): Promise<T> {
    return JSON.parse((await this.ask(request)).toString("utf8")) as T;
  }

  /** A long answer, piece by piece. Rejects as `ask` does. */
  async stream(request: ApiRequest): Promise<HttpClientStream> {
    const response = await this.client
      .stream({ ...this.prepared(request), body: [] })
      .catch((cause: unknown) => this.unreachable(cause));
    if (response.status === 200) return response;
    const pieces: Buffer[] = [];
    for await (const piece of response.body) pieces.push(piece);
    throw errorOf(response.status, Buffer.concat(pieces).toString("utf8"));
  }

  private prepared({ method, path, query = {}, contentType = "text/plain" }: ApiRequest) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const one of typeof value === "object" ? value : [String(value)])
        url.searchParams.append(name, one);
    }
    return { method, url, headers: { ...this.headers, "content-type": contentType }, signal: this.signal };
  }

  private unreachable(cause: unknown): never {
    const message = `cannot reach the stack at ${this.base.origin}: ${messageOf(cause)}; start it with otelier up, or read a directory with --data DIR`;
    throw new OtelierError(message, { code: "stack-unreachable", outcome: "retryable", cause });
  }
}

function errorOf(status: number, text: string): OtelierError {
  try {
    const { error } = JSON.parse(text) as ErrorAnswer;
    const hint = error.code === "no-org-id" ? ": name the tenant with --org-id" : "";
    return new OtelierError(error.message + hint, {
      code: error.code,
      outcome: status < 500 ? "permanent" : "retryable",
    });
  } catch {
    return new OtelierError(`the stack answered ${status}: ${text.slice(0, 200)}`, {
      code: "stack-error",
      outcome: "permanent",
    });
  }
}
