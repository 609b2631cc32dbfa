/** HTTP/1.1 requests at a steady rate over connections that stay open, for benchmarks of servers. */
import { connect, type Socket } from "node:net";

export interface SteadyLoad {
  readonly port: number;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** The whole head of a request, with its empty line. */
  readonly request: (index: number) => string;
}

/**
 * Resolves with the time of each answer in milliseconds, ascending. A request's time begins when it was due, not when a connection was free for it.
 * All answers must be as long as the first. Rejects when a connection ends or an answer is not 200.
 */
export async function steadyLoad(load: SteadyLoad): Promise<Float64Array> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  try {
    return await drive(load, sockets);
  } finally {
    for (const socket of sockets) socket.removeAllListeners("close").destroy();
  }
}

function drive(load: SteadyLoad, sockets: readonly Socket[]): Promise<Float64Array> {
  const { requests, requestsPerSecond } = load;
  return new Promise((resolve, reject) => {
    const times = new Float64Array(requests);
    const due = new Float64Array(sockets.length);
    const received = new Int32Array(sockets.length);
    const idle = sockets.map((_, index) => index);
    let [sent, answered, answerBytes] = [0, 0, 0];
    const start = performance.now();
    const dueAt = (index: number): number => start + (index * 1000) / requestsPerSecond;
    const sendDue = (): void => {
      const now = performance.now();
      while (sent < requests && dueAt(sent) <= now) {
        const index = idle.pop();
        if (index === undefined) return;
        due[index] = dueAt(sent);
        sockets[index]!.write(load.request(sent++));
      }
    };
    const timer = setInterval(sendDue, 1);
    const fail = (why: string): void => {
      clearInterval(timer);
      reject(new Error(why));
    };
    for (const [index, socket] of sockets.entries()) {
      socket.on("close", () => fail("the server closed a connection"));
      socket.on("data", (bytes) => {
        if (received[index] === 0 && bytes.toString("latin1", 9, 12) !== "200") {
          fail(`an answer began with "${bytes.toString("latin1", 0, 40)}"`);
          return;
        }
        received[index]! += bytes.length;
        if (answerBytes === 0) answerBytes = lengthOf(bytes);
        if (received[index]! < answerBytes) return;
        received[index] = 0;
        times[answered++] = performance.now() - due[index]!;
        idle.push(index);
        if (answered < requests) sendDue();
        else {
          clearInterval(timer);
          resolve(times.sort());
        }
      });
    }
  });
}

/** Head and body, by the head, which must be in one piece. */
function lengthOf(answer: Buffer): number {
  const head = answer.indexOf("\r\n\r\n") + 4;
  const body = /\r\ncontent-length: (\d+)\r\n/i.exec(answer.toString("latin1", 0, head))?.[1];
  if (body === undefined) throw new Error("an answer has no content-length");
  return head + Number(body);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
}

/** The value below which `share` of sorted values lie. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
