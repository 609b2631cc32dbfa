import type { Socket } from "../../chunks/chunk.ts";
import type { Traceparent } from "./traceparent.ts";

const maxAsked = 65_536;

/** Which request is made because of which: within a thread that answers one, and from one observed process to another over their connection. */
export class Ancestry {
  /** Requests that are being answered, by the thread that read them. */
  private readonly served = new Map<number, Set<Traceparent>>();
  /** Requests that wait for an answer, by the two ends of their connection, and by their stream where it has several. */
  private readonly asked = new Map<string, Traceparent>();

  serve(thread: number, request: Traceparent): void {
    const served = this.served.get(thread);
    if (served === undefined) this.served.set(thread, new Set([request]));
    else served.add(request);
  }

  /** The request has been answered. */
  answered(thread: number, request: Traceparent): void {
    const served = this.served.get(thread);
    served?.delete(request);
    if (served?.size === 0) this.served.delete(thread);
  }

  /** The one request that a thread is answering; with several at a time nobody can tell which of them asks. */
  within(thread: number): Traceparent | undefined {
    const served = this.served.get(thread);
    return served?.size === 1 ? [...served][0] : undefined;
  }

  /** A client has sent a request over this connection. */
  ask(socket: Socket | undefined, request: Traceparent, stream = 0): void {
    const key = keyOf(socket, "local", stream);
    if (key !== undefined && this.asked.size < maxAsked) this.asked.set(key, request);
  }

  /** A client has its answer. */
  gotAnswer(socket: Socket | undefined, request: Traceparent, stream = 0): void {
    const key = this.asked.size === 0 ? undefined : keyOf(socket, "local", stream);
    if (key !== undefined && this.asked.get(key) === request) this.asked.delete(key);
  }

  /** The client's request that arrives at a server over this connection, when the client is observed too. */
  callerOver(socket: Socket | undefined, stream = 0): Traceparent | undefined {
    // The ends are put together only where one could be met: most servers are observed without their clients.
    const key = this.asked.size === 0 ? undefined : keyOf(socket, "remote", stream);
    return key === undefined ? undefined : this.asked.get(key);
  }

  forgetAll(): void {
    this.served.clear();
    this.asked.clear();
  }
}

/** The client's end and the server's. Loopback addresses are only the same within one network namespace. */
function keyOf(socket: Socket | undefined, client: "local" | "remote", stream: number): string | undefined {
  if (socket === undefined || socket.family !== "ip" || socket.localPort === 0) return undefined;
  const local = `${socket.local}/${socket.localPort}`;
  const remote = `${socket.remote}/${socket.remotePort}`;
  const isLoopback = /^127\.|^::1$/.test(socket.remote);
  const ends = `${client === "local" ? `${local} ${remote}` : `${remote} ${local}`} ${stream}`;
  return isLoopback ? `${ends} ${socket.network}` : ends;
}
