import { listen } from "../../base/net/listen.ts";
import { OtelierError } from "../../base/error.ts";

const tries = 200;

/**
 * The first port from `wanted` upwards that nobody listens on at 127.0.0.1 and that is not in `taken`; it is added there. Another program
 * may still take it before it is used; its service then says so and is started again.
 */
export async function freePort(wanted: number, taken: Set<number>): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + tries, 65_536); port++) {
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new OtelierError(`cannot find a free port from ${wanted} upwards: ${tries} tried`, {
    code: "no-free-port",
    outcome: "permanent",
  });
}

async function isFree(port: number): Promise<boolean> {
  try {
    const listener = await listen(
      { kind: "tcp", host: "127.0.0.1", port },
      { onConnection: (socket) => socket.destroy(), maxConnections: 1 },
    );
    await listener.close();
    return true;
  } catch {
    return false;
  }
}
