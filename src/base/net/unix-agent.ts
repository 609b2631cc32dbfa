import { Agent } from "node:http";

/** Sends every HTTP request of a client to one Unix socket, whatever its URL says; connections are kept and reused. */
export function unixSocketAgent(path: string, maxConnections: number): Agent {
  return new Agent({ socketPath: path, keepAlive: true, maxSockets: maxConnections, scheduling: "fifo" } as {
    keepAlive: boolean;
  });
}
