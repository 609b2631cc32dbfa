import { expect, test } from "vitest";
import { listen } from "../../base/net/listen.ts";
import { freePort } from "./ports.ts";

test("a busy port and one that was given away already are passed over", async () => {
  const holder = await listen(
    { kind: "tcp", host: "127.0.0.1", port: 0 },
    { onConnection: (socket) => socket.destroy(), maxConnections: 1 },
  );
  try {
    const taken = new Set<number>();
    const first = await freePort(holder.port, taken);
    const second = await freePort(holder.port, taken);
    expect(first).toBeGreaterThan(holder.port);
    expect(second).toBeGreaterThan(first);
    expect(taken).toEqual(new Set([first, second]));
  } finally {
    await holder.close();
  }
});
