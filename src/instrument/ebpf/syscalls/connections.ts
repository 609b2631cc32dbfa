import { randomBytes } from "node:crypto";
import type { DatabaseRecord } from "../spans/database.ts";
import type { Ancestry } from "./ancestry.ts";
import type { Chunk, Socket } from "../chunks/chunk.ts";
import type { Traceparent } from "./http-head.ts";
import type { Call, Calls, Follower, Protocol } from "./protocols/follower.ts";
import { mysql } from "./protocols/mysql.ts";
import { postgres } from "./protocols/postgres.ts";
import { redis } from "./protocols/redis.ts";

const protocols: readonly Protocol[] = [postgres, mysql, redis];
const maxConnections = 65_536;
/** Chunks after which a connection speaks none of the protocols. */
const maxUndecided = 8;

interface Connection {
  readonly process: number;
  readonly descriptor: number;
  readonly socket: Socket;
  chunks: number;
  decided: boolean;
  followed?: Followed;
  lastNs: bigint;
}

interface Followed {
  readonly protocol: Protocol;
  readonly side: "client" | "server";
  readonly follower: Follower;
  /** Calls that wait for their answers. */
  readonly origins: Map<Call, Traceparent & { readonly parentId: Uint8Array | undefined }>;
}

export interface ConnectionsOptions {
  readonly ancestry: Ancestry;
  readonly emit: (record: DatabaseRecord) => void;
  /** Tells the kernel how a connection goes on: followed, or only what begins an HTTP/1 message. */
  readonly decide: (
    connection: { process: number; descriptor: number; file: bigint },
    follow: boolean,
  ) => void;
}

/** Finds out which protocol a connection speaks and gives a record for each call of a database over it. */
export class Connections {
  private readonly options: ConnectionsOptions;
  private readonly known = new Map<number, Map<number, Connection>>();
  private count = 0;
  private givenUpCount = 0;

  constructor(options: ConnectionsOptions) {
    this.options = options;
  }

  /** Calls that were not followed because chunks were lost. */
  get givenUp(): number {
    return this.givenUpCount;
  }

  socketOf({ process, descriptor }: Chunk): Socket | undefined {
    return this.known.get(process)?.get(descriptor)?.socket;
  }

  /** True when the chunk was of a database's connection, which nobody else has to look at. */
  take(chunk: Chunk): boolean {
    const { process, descriptor, direction } = chunk;
    if (direction === "open" || direction === "close") this.close(process, descriptor);
    if (direction === "open" && chunk.socket !== undefined) this.open(chunk, chunk.socket);
    const connection = this.known.get(process)?.get(descriptor);
    if (connection === undefined || direction === "open" || direction === "close") return false;
    connection.lastNs = chunk.timeNs;
    if (!connection.decided) this.decide(connection, chunk);
    const { followed } = connection;
    if (followed === undefined) return false;
    if ((direction === "out") === (followed.side === "client")) followed.follower.request(chunk);
    else followed.follower.answer(chunk);
    return true;
  }

  /** Chunks were lost: what waits for an answer can no longer be told apart. */
  giveUpOpen(): void {
    for (const connections of this.known.values()) {
      for (const connection of connections.values()) {
        const { followed } = connection;
        if (followed === undefined) continue;
        this.givenUpCount += followed.origins.size;
        connection.followed = this.follow(connection, followed.side, followed.protocol);
      }
    }
  }

  forget(process: number): void {
    for (const descriptor of this.known.get(process)?.keys() ?? []) this.close(process, descriptor);
  }

  /** Ends calls on connections over which nothing came since `beforeNs`. */
  endIdle(beforeNs: bigint): void {
    for (const connections of this.known.values()) {
      for (const { followed, lastNs } of connections.values())
        if (lastNs < beforeNs) followed?.follower.end();
    }
  }

  private open(chunk: Chunk, socket: Socket): void {
    if (this.count >= maxConnections) return;
    const { process, descriptor, timeNs } = chunk;
    let connections = this.known.get(process);
    if (connections === undefined) this.known.set(process, (connections = new Map()));
    connections.set(descriptor, { process, descriptor, socket, chunks: 0, decided: false, lastNs: timeNs });
    this.count++;
  }

  private close(process: number, descriptor: number): void {
    const connections = this.known.get(process);
    const connection = connections?.get(descriptor);
    if (connections === undefined || connection === undefined) return;
    connection.followed?.follower.end();
    connections.delete(descriptor);
    if (connections.size === 0) this.known.delete(process);
    this.count--;
  }

  private decide(connection: Connection, chunk: Chunk): void {
    const { process, descriptor, socket } = connection;
    const isOut = chunk.direction === "out";
    for (const protocol of protocols) {
      const isRequest = protocol.isRequest(chunk);
      if (!isRequest && protocol.isGreeting?.(chunk) !== true) continue;
      const side = isOut === isRequest ? "client" : "server";
      connection.followed = this.follow(connection, side, protocol);
      break;
    }
    connection.chunks++;
    connection.decided =
      connection.followed !== undefined || isHttp(chunk) || connection.chunks >= maxUndecided;
    if (connection.decided) {
      this.options.decide({ process, descriptor, file: socket.file }, connection.followed !== undefined);
    }
  }

  private follow(connection: Connection, side: Followed["side"], protocol: Protocol): Followed {
    const origins: Followed["origins"] = new Map();
    const follower = protocol.follow(this.callsOf(connection, side, protocol.system, origins));
    return { protocol, side, follower, origins };
  }

  private callsOf(
    connection: Connection,
    side: Followed["side"],
    system: string,
    origins: Followed["origins"],
  ): Calls {
    const { ancestry, emit } = this.options;
    const { process, socket } = connection;
    return {
      begin: (chunk) => {
        const caller = side === "client" ? ancestry.within(chunk.thread) : ancestry.callerOver(socket);
        const origin = {
          traceId: caller?.traceId ?? randomBytes(16),
          spanId: randomBytes(8),
          sampled: caller?.sampled ?? true,
          parentId: caller?.spanId,
        };
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
        const [local, remote] = endsOf(socket);
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
}

function callAt({ thread, timeNs }: Chunk): Call {
  const texts = { namespace: "", operation: "", summary: "", text: "", code: "" };
  return { thread, startNs: timeNs, endNs: timeNs, failed: false, ...texts };
}

const nowhere = { address: "", port: 0 };

function endsOf({ local, localPort, remote, remotePort }: Socket): readonly [typeof nowhere, typeof nowhere] {
  return [
    { address: local, port: localPort },
    { address: remote, port: remotePort },
  ];
}

function isHttp({ data }: Chunk): boolean {
  return /^(?:[A-Z]{3,7} \S|HTTP\/1)/.test(data.toString("latin1", 0, 10));
}
