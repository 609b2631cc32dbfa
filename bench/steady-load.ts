/** HTTP/1.1 requests at a steady rate over connections that stay open, for benchmarks of servers. */
import { connect, type Socket } from "node:net";

export interface Requests {
  readonly perSecond: number;
  readonly count: number;
  /** The whole request with its head's empty line. */
  readonly request: (index: number) => string;
}

export class SteadyLoad {
  private readonly sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.sockets = sockets;
  }

  static async open(port: number, connections: number): Promise<SteadyLoad> {
    return new SteadyLoad(await Promise.all(Array.from({ length: connections }, () => open(port))));
  }

  /**
   * Resolves with the time of each answer in milliseconds, ascending. A request's time begins when it was due, not when a connection was free for it.
   * All answers must be as long as the first. Rejects when a connection ends or an answer is not 200. One run at a time.
   */
  run({ perSecond, count, request }: Requests): Promise<Float64Array> {
    const { sockets } = this;
    return new Promise((resolve, reject) => {
      const times = new Float64Array(count);
      const due = new Float64Array(sockets.length);
      const received = new Int32Array(sockets.length);
      const idle = sockets.map((_, index) => index);
      let [sent, answered, answerBytes] = [0, 0, 0];
      const start = performance.now();
      const dueAt = (index: number): number => start + (index * 1000) / perSecond;
      const sendDue = (): void => {
        const now = performance.now();
        while (sent < count && dueAt(sent) <= now) {
          const index = idle.pop();
          if (index === undefined) return;
          due[index] = dueAt(sent);
          sockets[index]!.write(request(sent++));
        }
      };
      const timer = setInterval(sendDue, 1);
      const end = (): void => {
        clearInterval(timer);
        for (const socket of sockets) socket.removeAllListeners("data").removeAllListeners("close");
      };
      const fail = (why: string): void => {
        end();
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
          if (answered < count) {
            sendDue();
            return;
          }
          end();
          resolve(times.sort());
        });
      }
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
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
