import type { Chunk } from "../../chunks/chunk.ts";

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

/** Understands one connection. Requests and answers come as far as they were captured, in the order of the connection. */
export interface Follower {
  request(chunk: Chunk): void;
  answer(chunk: Chunk): void;
  /** The connection has ended, or nothing came for long: what waits for an answer is ended. */
  end(): void;
}

export interface Protocol {
  /** db.system.name */
  readonly system: string;
  /** True when a request of this protocol begins with this chunk. */
  isRequest(chunk: Chunk): boolean;
  /** True when an answer of this protocol begins with this chunk, such as the first word of a server. */
  isGreeting?(chunk: Chunk): boolean;
  follow(calls: Calls): Follower;
}

/** Requests of one connection that may wait for their answers. */
export const maxWaiting = 256;
/** Prepared statements of one connection that are remembered. */
const maxPrepared = 512;

/** Remembers a statement; the oldest goes when there are too many. */
export function remember<K, V>(statements: Map<K, V>, key: K, text: V): void {
  statements.delete(key);
  statements.set(key, text);
  const [oldest] = statements.keys();
  if (statements.size > maxPrepared && oldest !== undefined) statements.delete(oldest);
}
