/** One row of the table of malformed input. */
import type { Answer } from "../../fakes/otlp-client.ts";

export interface Ports {
  readonly grpc: number;
  readonly http: number;
  /** A receiver whose times are short; it tells clients that do not go on, and HTTP/2 connections that are dead after an error. */
  readonly hurried: number;
}

export interface Outcome {
  /** "HTTP 400, gRPC 3". */
  readonly answer: string;
  readonly message: string;
}

export interface Case {
  readonly protocol: string;
  /** What is wrong; unique within the protocol. */
  readonly name: string;
  /** Reason under which the request is counted; "taken": it is no mistake to us; "": it never became a request. */
  readonly reason: string;
  readonly send: (ports: Ports) => Promise<Outcome>;
}

export function outcomeOf(answer: Answer): Outcome {
  const grpc = answer.grpc === undefined || Number.isNaN(answer.grpc) ? "" : `, gRPC ${answer.grpc}`;
  // Messages of success are protobuf or "{}".
  const message = answer.http === 200 && (answer.grpc ?? 0) === 0 ? "" : answer.message.trim();
  return { answer: `HTTP ${answer.http}${grpc}`, message };
}
