import { createServer } from "node:net";
import { expect, test } from "vitest";
import { HttpClient } from "./http-client.ts";

test("a kept connection that the server has closed is replaced unnoticed", async () => {
  let connections = 0;
  // Closes each connection 15 ms after its first answer, without having said so.
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => undefined);
    socket.on("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      setTimeout(() => socket.destroy(), 15);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  const client = new HttpClient();
  const url = new URL(`http://127.0.0.1:${port}/`);
  for (let count = 0; count < 30; count++) {
    const answer = await client.send({ method: "POST", url, headers: {}, body: [Buffer.from("x")] });
    expect(answer.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 13 + (count % 4)));
  }
  expect(connections).toBeGreaterThan(10);
  client.close();
  await new Promise((resolve) => server.close(resolve));
});

test("an abort ends a request", async () => {
  const server = createServer((socket) => void socket.resume());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  const client = new HttpClient();
  const signal = AbortSignal.timeout(20);
  const url = new URL(`http://127.0.0.1:${port}/`);
  await expect(client.send({ method: "POST", url, headers: {}, body: [], signal })).rejects.toMatchObject({
    code: "connection-failed",
    outcome: "retryable",
  });
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
