import type { Chunk, Socket } from "../../chunks/chunk.ts";
import type { SpanRecord } from "../../spans/record.ts";
import type { Ancestry } from "../ancestry/ancestry.ts";

/** A connection whose protocol is known, and what its follower may use. */
export interface ObservedConnection {
  readonly process: number;
  readonly socket: Socket;
  readonly side: "client" | "server";
  readonly ancestry: Ancestry;
  readonly emit: (record: SpanRecord) => void;
  /** Counts a request that is not followed. */
  readonly giveUp: () => void;
}

/** Understands one connection. Requests and answers come as far as they were captured, in the order of the connection. */
export interface Follower {
  /** Requests that wait for the end of their answers. */
  readonly waiting: number;
  /** True once it can understand nothing any more. */
  readonly lost?: boolean;
  request(chunk: Chunk): void;
  answer(chunk: Chunk): void;
  /** The connection has ended: what waits for an answer is ended. */
  end(): void;
  /** Nothing came for long. */
  idle(): void;
}

export interface Protocol {
  /** True when a request of this protocol begins with this chunk. */
  isRequest(chunk: Chunk, socket: Socket): boolean;
  /** True when an answer of this protocol begins with this chunk, such as the first word of a server. */
  isGreeting?(chunk: Chunk, socket: Socket): boolean;
  /** True when an answer of this protocol may come before its first request, and this chunk is one. */
  isEarly?(chunk: Chunk): boolean;
  /** True when a connection can only be followed from its begin, and this chunk is of one that was open before. */
  isMidway?(chunk: Chunk): boolean;
  /** True when every byte is seen, so that its follower knows by itself what is missing. */
  readonly isWhole?: boolean;
  follow(connection: ObservedConnection): Follower;
}

/** Requests of one connection that may wait for their answers. */
export const maxWaiting = 256;
