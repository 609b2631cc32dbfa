import type { HttpRecord } from "../spans/record.ts";
import { Ancestry } from "./ancestry/ancestry.ts";
import type { Chunk, Socket } from "../chunks/chunk.ts";
import { Decided } from "./ancestry/decided.ts";
import { Exchange } from "./exchange.ts";
import type { Traceparent } from "./ancestry/traceparent.ts";
import { requestHead, responseHead } from "./http-head.ts";

interface Connection {
  readonly kind: HttpRecord["kind"];
  /** In the order of their requests; answers come in the same order (RFC 9112, 9.3.2). */
  readonly open: Exchange[];
  /** A server's last one, whose answer was written and has not left yet. */
  leaving: Exchange | undefined;
  /** Undefined where the kernel does not say it. */
  readonly socket: Socket | undefined;
  lastNs: bigint;
}

const maxConnections = 65_536;
const maxPipelined = 64;

/** Pairs requests with answers by process and descriptor, and gives a record for each exchange that has ended. */
export class Exchanges {
  private readonly connections = new Map<number, Map<number, Connection>>();
  private readonly ancestry: Ancestry;
  private readonly emit: (record: HttpRecord) => void;
  private readonly decided = new Decided();
  private count = 0;
  private givenUpCount = 0;
  /** Chunks until then may be missing; undefined when none are. */
  private lostUntilNs: bigint | undefined;

  constructor(emit: (record: HttpRecord) => void, ancestry: Ancestry = new Ancestry()) {
    this.emit = emit;
    this.ancestry = ancestry;
  }

  /** Exchanges that were not followed because too many were open, or whose answer may have been lost. */
  get givenUp(): number {
    return this.givenUpCount;
  }

  /** @param socket the connection's ends, where they are known */
  take(chunk: Chunk, socket?: Socket): void {
    if (this.lostUntilNs !== undefined && chunk.timeNs > this.lostUntilNs) {
      this.forgetOpen();
      this.lostUntilNs = undefined;
    }
    if (chunk.direction === "context") {
      this.decided.add(chunk);
      return;
    }
    if (chunk.direction === "left") {
      this.takeLeft(chunk);
      return;
    }
    if (chunk.direction === "close" || chunk.direction === "open") {
      this.close(chunk.process, chunk.descriptor);
      return;
    }
    let known = this.connections.get(chunk.process)?.get(chunk.descriptor);
    if (known !== undefined && this.turnsRound(chunk, known)) {
      this.close(chunk.process, chunk.descriptor);
      known = undefined;
    }
    if (known === undefined || isOfRequest(chunk, known)) this.takeRequest(chunk, known, socket);
    else this.takeAnswer(chunk, known);
  }

  /**
   * Some chunks that happened up to `untilNs` are missing. Until chunks of later come, a request without an answer is given up: it may have had one. So is
   * what is open now and what is open then, since an answer might meet the wrong request.
   */
  lostUntil(untilNs: bigint): void {
    this.lostUntilNs = untilNs;
    this.forgetOpen();
  }

  private forgetOpen(): void {
    for (const connections of this.connections.values()) {
      for (const connection of connections.values()) {
        this.endLeaving(connection);
        this.givenUpCount += connection.open.length;
      }
    }
    this.connections.clear();
    this.decided.clear();
    this.ancestry.forgetAll();
    this.count = 0;
  }

  /** Ends every exchange of a process that has ended. */
  forget(process: number): void {
    for (const descriptor of this.connections.get(process)?.keys() ?? []) this.close(process, descriptor);
  }

  /** Ends answers that have begun and of which nothing came since `beforeNs`, on connections that stay open. */
  endIdle(beforeNs: bigint): void {
    for (const connections of this.connections.values()) {
      for (const connection of connections.values()) {
        if (connection.lastNs >= beforeNs) continue;
        this.endLeaving(connection);
        if (connection.open[0]?.answering === true) this.endFirst(connection);
      }
    }
  }

  /** True when a descriptor is another connection now, of the other kind, whose predecessor's end was not seen. */
  private turnsRound(chunk: Chunk, known: Connection): boolean {
    return !isOfRequest(chunk, known) && known.open.length === 0 && requestHead(chunk.data) !== undefined;
  }

  private takeRequest(chunk: Chunk, known: Connection | undefined, socket: Socket | undefined): void {
    let connection = known;
    const last = connection?.open.at(-1);
    const decided = this.decided.take(chunk);
    let at = 0;
    if (connection !== undefined) connection.lastNs = chunk.timeNs;
    if (last !== undefined && !last.answering && last.requestLeft > 0) {
      // A body, whatever it looks like.
      at = Math.min(last.requestLeft, chunk.size);
      last.requestLeft -= at;
    }
    while (at < chunk.data.length) {
      const head = requestHead(chunk.data.subarray(at));
      if (head === undefined) return;
      connection ??= this.open(chunk, socket);
      if (connection === undefined) return;
      // A new request says that the answer before it has ended, also when that was not seen.
      const isUnsure = this.lostUntilNs !== undefined;
      while (connection.open[0] !== undefined && (isUnsure || connection.open[0].answering))
        this.endFirst(connection);
      const exchange = new Exchange(connection.kind, head, chunk, {
        within: this.reasonOf(chunk, connection),
        decided: at === 0 ? decided : undefined,
        socket: connection.socket,
      });
      if (connection.open.length === maxPipelined) {
        this.givenUpCount++;
        return;
      }
      connection.open.push(exchange);
      if (connection.kind === "http-server") this.ancestry.serve(exchange.thread, exchange.origin);
      else this.ancestry.ask(connection.socket, exchange.origin);
      if (head.bytes === undefined) return;
      const body = Math.min(exchange.requestLeft, chunk.size - at - head.bytes);
      exchange.requestLeft -= body;
      at += head.bytes + body;
    }
  }

  /** What was written has left, later than it was written. */
  private takeLeft({ process, descriptor, endedNs }: Chunk): void {
    const connection = this.connections.get(process)?.get(descriptor);
    if (connection?.kind !== "http-server") return;
    const exchange = connection.leaving ?? connection.open.find(({ answering }) => answering);
    if (exchange === undefined) return;
    if (exchange.endNs < endedNs) exchange.endNs = endedNs;
    this.endLeaving(connection);
  }

  private takeAnswer(chunk: Chunk, connection: Connection): void {
    connection.lastNs = chunk.timeNs;
    this.endLeaving(connection);
    let at = 0;
    while (at < chunk.size) {
      const [exchange] = connection.open;
      if (exchange === undefined) return;
      exchange.endNs = chunk.endedNs;
      if (!exchange.answering) {
        const head = responseHead(chunk.data.subarray(at));
        if (head === undefined) return;
        const final = exchange.answered(head);
        if (head.bytes === undefined && !exchange.complete) return;
        at += head.bytes ?? chunk.size;
        if (!final) continue;
      }
      at += exchange.takeBody(Math.max(0, chunk.size - at), chunk.tail);
      if (!exchange.complete) return;
      this.endFirst(connection, chunk.unsent);
    }
  }

  private open(chunk: Chunk, socket: Socket | undefined): Connection | undefined {
    if (this.count >= maxConnections) {
      this.givenUpCount++;
      return undefined;
    }
    let connections = this.connections.get(chunk.process);
    if (connections === undefined) this.connections.set(chunk.process, (connections = new Map()));
    const kind = chunk.direction === "in" ? "http-server" : "http-client";
    const connection: Connection = { kind, open: [], leaving: undefined, socket, lastNs: chunk.timeNs };
    connections.set(chunk.descriptor, connection);
    this.count++;
    return connection;
  }

  private close(process: number, descriptor: number): void {
    const connections = this.connections.get(process);
    const connection = connections?.get(descriptor);
    if (connections === undefined || connection === undefined) return;
    this.endLeaving(connection);
    while (connection.open.length > 0) this.endFirst(connection);
    connections.delete(descriptor);
    if (connections.size === 0) this.connections.delete(process);
    this.count--;
  }

  /** @param leaves whether the last of its answer will be said to leave */
  private endFirst(connection: Connection, leaves = false): void {
    const exchange = connection.open.shift();
    if (exchange === undefined) return;
    this.endLeaving(connection);
    if (connection.kind === "http-server") this.ancestry.answered(exchange.thread, exchange.origin);
    else this.ancestry.gotAnswer(connection.socket, exchange.origin);
    if (leaves && connection.kind === "http-server") connection.leaving = exchange;
    else if (this.lostUntilNs === undefined || exchange.answering) this.emit(exchange.toRecord());
    else this.givenUpCount++;
  }

  private endLeaving(connection: Connection): void {
    const { leaving } = connection;
    connection.leaving = undefined;
    if (leaving !== undefined) this.emit(leaving.toRecord());
  }

  /** Why a request is made, when it says nothing of it itself. */
  private reasonOf(chunk: Chunk, { kind, socket }: Connection): Traceparent | undefined {
    return kind === "http-client" ? this.ancestry.within(chunk.thread) : this.ancestry.callerOver(socket);
  }
}

/** Servers read requests, clients write them. */
function isOfRequest({ direction }: Chunk, { kind }: Connection): boolean {
  return (direction === "in") === (kind === "http-server");
}
