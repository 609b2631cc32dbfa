import { once } from "node:events";
import { createServer } from "node:net";

/** Whose servers may not have started yet. */
const given = new Set<number>();

/**
 * A port that nobody listens on just now. It is none of those that the system gives to outgoing connections (from 32768 on by default): one of them may
 * take it before its server starts, or connect to itself while its server is away.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_384 + Math.floor(Math.random() * 16_000);
    if (given.has(port)) continue;
    const server = createServer();
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue;
    }
    given.add(port);
    server.close();
    await once(server, "close");
    return port;
  }
}
