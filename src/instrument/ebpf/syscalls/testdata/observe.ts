import type { Chunk, Socket } from "../../chunks/chunk.ts";
import type { SpanRecord } from "../../spans/record.ts";
import { Ancestry } from "../ancestry/ancestry.ts";
import { Connections } from "../connections.ts";

/** What one call moved; `captured` bytes of it are seen when there are more. */
export interface Step {
  /** Nanoseconds, and the order of events. */
  readonly at: number;
  readonly out?: Buffer;
  readonly in?: Buffer;
  readonly captured?: number;
  /** When the bytes came, or the connection was opened for them. */
  readonly began?: number;
  /** When what went out had left. */
  readonly ended?: number;
  /** Bytes before these were lost. */
  readonly gap?: boolean;
}

export const clientSocket: Socket = {
  file: 1n,
  network: 1n,
  family: "ip",
  protocol: "tcp",
  local: "10.0.0.1",
  localPort: 50_000,
  remote: "10.0.0.2",
  remotePort: 5432,
};

export interface Observed {
  readonly records: readonly SpanRecord[];
  readonly cannotFollow: readonly string[];
  readonly givenUp: number;
  /** Whether the kernel was told to go on with what it captures. */
  readonly decisions: readonly boolean[];
}

/** What is made of one connection that is opened, moves bytes and is closed at 99. */
export function observe(steps: readonly Step[], socket: Socket = clientSocket): Observed {
  const records: SpanRecord[] = [];
  const cannotFollow: string[] = [];
  const decisions: boolean[] = [];
  const connections = new Connections({
    ancestry: new Ancestry(),
    emit: (record) => records.push(record),
    decide: (_, follow) => decisions.push(follow),
    cannotFollow: (_, why) => cannotFollow.push(why),
  });
  const head = { process: 7, thread: 7, descriptor: 5, gap: false, unsent: false };
  const nothing = { data: Buffer.alloc(0), tail: Buffer.alloc(8), size: 0 };
  connections.take({ ...head, ...nothing, timeNs: 0n, beganNs: 0n, endedNs: 0n, direction: "open", socket });
  for (const step of steps) {
    const bytes = step.out ?? step.in ?? Buffer.alloc(0);
    const chunk: Chunk = {
      ...head,
      timeNs: BigInt(step.at),
      beganNs: BigInt(step.began ?? step.at),
      endedNs: BigInt(step.ended ?? step.at),
      size: bytes.length,
      direction: step.out === undefined ? "in" : "out",
      gap: step.gap === true,
      data: bytes.subarray(0, step.captured ?? 1024),
      tail: Buffer.concat([Buffer.alloc(8), bytes]).subarray(-8),
    };
    connections.take(chunk);
  }
  connections.take({ ...head, ...nothing, timeNs: 99n, beganNs: 99n, endedNs: 99n, direction: "close" });
  return { records, cannotFollow, decisions, givenUp: connections.givenUp };
}
