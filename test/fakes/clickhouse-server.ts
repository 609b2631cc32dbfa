/**
 * The engine as a ClickHouse server that is reached by URL: on a loopback port, with a name and a password, compressed bodies, and databases that must
 * exist before they are named. What the engine itself answers is passed on as it is.
 */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { takeDataDirectory } from "../../src/storage/clickhouse/engine/data-directory.ts";
import { EngineSupervisor } from "../../src/storage/clickhouse/engine/supervisor.ts";

export interface ClickHouseServer {
  /** "http://ingest:s3cret%40@127.0.0.1:PORT". */
  readonly url: string;
  /** Requests that were answered, by whether their body came compressed. */
  readonly seen: { plain: number; compressed: number };
  close(): Promise<void>;
}

const user = "ingest";
const password = "s3cret@";
const credentials = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

export async function startClickHouseServer(directory: string): Promise<ClickHouseServer> {
  const data = takeDataDirectory(join(directory, "server"));
  const engine = await EngineSupervisor.start({ directory: data });
  const seen = { plain: 0, compressed: 0 };
  const known = new Set<string>();
  const server = createServer((request, response) => {
    const answer = (status: number, body: Buffer, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { ...headers, "content-length": body.length }).end(body);
    };
    void serve(request, engine.socketPath, seen, known).then(
      ({ status, headers, body }) => answer(status, body, headers),
      (error: unknown) => answer(502, Buffer.from(String(error))),
    );
  });
  const port = await listen(server);
  return {
    url: `http://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.stop();
      data.release();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

async function serve(
  request: IncomingMessage,
  socketPath: string,
  seen: ClickHouseServer["seen"],
  known: Set<string>,
): Promise<Answer> {
  const sent = await bodyOf(request);
  if (request.url?.startsWith("/ping") !== true && request.headers.authorization !== credentials) {
    return failure(
      403,
      516,
      "AUTHENTICATION_FAILED",
      `${user}: Authentication failed: password is incorrect`,
    );
  }
  const isCompressed = request.headers["content-encoding"] === "gzip";
  seen[isCompressed ? "compressed" : "plain"]++;
  const body = isCompressed ? gunzipSync(sent) : sent;
  const database = new URL(request.url ?? "/", "http://server").searchParams.get("database") ?? "default";
  const ask = (path: string, content: Buffer): Promise<Answer> =>
    forward(socketPath, request.method ?? "GET", path, content);
  // The engine takes a database's name only when it is used; a server looks at once.
  if (!known.has(database)) {
    const found = await forward(socketPath, "POST", "/", Buffer.from(`EXISTS DATABASE \`${database}\``));
    if (found.body.toString().trim() === "1") known.add(database);
  }
  if (!known.has(database)) {
    return failure(404, 81, "UNKNOWN_DATABASE", `Database ${database} does not exist`);
  }
  const answer = await ask(request.url ?? "/", body);
  const wantsGzip = request.headers["accept-encoding"]?.includes("gzip") === true;
  if (!wantsGzip || answer.status !== 200) return answer;
  return {
    ...answer,
    headers: { ...answer.headers, "content-encoding": "gzip" },
    body: gzipSync(answer.body, { level: 1 }),
  };
}

function failure(status: number, code: number, name: string, why: string): Answer {
  return {
    status,
    headers: { "x-clickhouse-exception-code": String(code) },
    body: Buffer.from(`Code: ${code}. DB::Exception: ${why}. (${name})`),
  };
}

function forward(socketPath: string, method: string, path: string, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { socketPath, method, path, headers: { "content-length": body.length } },
      (incoming) => {
        const code = incoming.headers["x-clickhouse-exception-code"];
        const headers = typeof code === "string" ? { "x-clickhouse-exception-code": code } : {};
        void bodyOf(incoming).then(
          (content) => resolve({ status: incoming.statusCode ?? 500, headers, body: content }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
