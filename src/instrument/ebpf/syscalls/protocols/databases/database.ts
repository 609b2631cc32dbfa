import type { Chunk } from "../../../chunks/chunk.ts";
import { originOf, type Origin } from "../../ancestry/origin.ts";
import type { Follower, ObservedConnection, Protocol } from "../follower.ts";

/** A call that has begun: what the protocol says of it. The rest, ids and ends of the connection, is the tracer's. */
export interface Call {
  readonly thread: number;
  startNs: bigint;
  endNs: bigint;
  namespace: string;
  operation: string;
  summary: string;
  /** Without anything that is somebody's data. */
  text: string;
  failed: boolean;
  code: string;
}

export interface Calls {
  /** A request was read or written; the call is told once it is ended. */
  begin(chunk: Chunk): Call;
  end(call: Call): void;
}

/** Understands one connection of a database, as `Follower` does. */
export interface DatabaseFollower {
  request(chunk: Chunk): void;
  answer(chunk: Chunk): void;
  /** The connection has ended, or nothing came for long: what waits for an answer is ended. */
  end(): void;
}

export interface Database {
  /** db.system.name */
  readonly system: string;
  isRequest(chunk: Chunk): boolean;
  isGreeting?(chunk: Chunk): boolean;
  follow(calls: Calls): DatabaseFollower;
}

/** Prepared statements of one connection that are remembered. */
const maxPrepared = 512;

/** Remembers a statement; the oldest goes when there are too many. */
export function remember<K, V>(statements: Map<K, V>, key: K, text: V): void {
  statements.delete(key);
  statements.set(key, text);
  const [oldest] = statements.keys();
  if (statements.size > maxPrepared && oldest !== undefined) statements.delete(oldest);
}

/** A database's protocol as one of those that connections may speak. */
export function ofDatabase(database: Database): Protocol {
  return {
    isRequest: (chunk, { protocol }) => protocol !== "udp" && database.isRequest(chunk),
    isGreeting: (chunk, { protocol }) => protocol !== "udp" && database.isGreeting?.(chunk) === true,
    follow: (connection) => follow(database, connection),
  };
}

function follow(database: Database, connection: ObservedConnection): Follower {
  const origins = new Map<Call, Origin>();
  const follower = database.follow(callsOf(connection, database.system, origins));
  return {
    get waiting() {
      return origins.size;
    },
    request: (chunk) => follower.request(chunk),
    answer: (chunk) => follower.answer(chunk),
    end: () => follower.end(),
    idle: () => follower.end(),
  };
}

function callsOf(
  { process, side, socket, ancestry, emit }: ObservedConnection,
  system: string,
  origins: Map<Call, Origin>,
): Calls {
  const remote = { address: socket.remote, port: socket.remotePort };
  const local = { address: socket.local, port: socket.localPort };
  return {
    begin: (chunk) => {
      const caller = side === "client" ? ancestry.within(chunk.thread) : ancestry.callerOver(socket);
      const origin = originOf(undefined, caller);
      const call = callAt(chunk);
      origins.set(call, origin);
      if (side === "client") ancestry.ask(socket, origin);
      return call;
    },
    end: (call) => {
      const origin = origins.get(call);
      if (origin === undefined) return;
      origins.delete(call);
      if (side === "client") ancestry.gotAnswer(socket, origin);
      const { thread: _, ...said } = call;
      emit({
        kind: side === "client" ? "db-client" : "db-server",
        process,
        system,
        ...origin,
        ...said,
        server: side === "client" ? remote : local,
        client: side === "client" ? nowhere : remote,
      });
    },
  };
}

function callAt({ thread, endedNs, beganNs }: Chunk): Call {
  const texts = { namespace: "", operation: "", summary: "", text: "", code: "" };
  return { thread, startNs: beganNs, endNs: endedNs, failed: false, ...texts };
}

const nowhere = { address: "", port: 0 };
