import type { Chunk, Socket } from "../chunks/chunk.ts";
import type { SpanRecord } from "../spans/record.ts";
import type { Ancestry } from "./ancestry/ancestry.ts";
import { ofDatabase } from "./protocols/databases/database.ts";
import { mysql } from "./protocols/databases/mysql.ts";
import { postgres } from "./protocols/databases/postgres.ts";
import { redis } from "./protocols/databases/redis.ts";
import { dns } from "./protocols/dns/dns.ts";
import type { Follower, Protocol } from "./protocols/follower.ts";
import { http2 } from "./protocols/http2/http2.ts";
import { kafka } from "./protocols/kafka/kafka.ts";

const maxConnections = 65_536;
/** Chunks after which a connection speaks none of the protocols. */
const maxUndecided = 8;
/** Chunks of an HTTP/1 connection before the kernel is told: short ones are over by then, and to tell it takes as long as to read a chunk. */
const untoldChunks = 4;

interface Connection {
  readonly process: number;
  readonly descriptor: number;
  readonly socket: Socket;
  chunks: number;
  /** What came before it was decided what the connection speaks, and may be of use then. */
  readonly earlier: Chunk[];
  decided: boolean;
  /** Chunks until the kernel is told that it is not followed; 0 when nothing has to be told. */
  untold: number;
  followed: Followed | undefined;
  lastNs: bigint;
}

interface Followed {
  readonly protocol: Protocol;
  readonly side: "client" | "server";
  readonly follower: Follower;
}

export interface ConnectionsOptions {
  readonly ancestry: Ancestry;
  readonly emit: (record: SpanRecord) => void;
  /** Tells the kernel how a connection goes on: followed, or only what begins an HTTP/1 message. */
  readonly decide: (
    connection: { process: number; descriptor: number; file: bigint },
    follow: boolean,
  ) => void;
  /** A connection that speaks HTTP/2 cannot be followed: it was open before it was observed, or bytes of it were lost. */
  readonly cannotFollow: (process: number, why: "midway" | "lost") => void;
}

/** Finds out which protocol a connection speaks and gives a record for each request over it; HTTP/1, which needs no connection, is not its own. */
export class Connections {
  private readonly options: ConnectionsOptions;
  private readonly protocols: readonly Protocol[] = [
    http2,
    ...[postgres, mysql, redis].map(ofDatabase),
    dns,
    kafka(),
  ];
  private readonly known = new Map<number, Map<number, Connection>>();
  private count = 0;
  private givenUpCount = 0;

  constructor(options: ConnectionsOptions) {
    this.options = options;
  }

  /** Requests that were not followed, because chunks were lost or there were too many at a time. */
  get givenUp(): number {
    return this.givenUpCount;
  }

  socketOf({ process, descriptor }: Chunk): Socket | undefined {
    return this.known.get(process)?.get(descriptor)?.socket;
  }

  /** True when the chunk was of a connection that is followed, which nobody else has to look at. */
  take(chunk: Chunk): boolean {
    const { process, descriptor, direction } = chunk;
    if (direction === "context" || direction === "left") return false;
    if (direction === "open" || direction === "close") this.close(process, descriptor);
    if (direction === "open" && chunk.socket !== undefined) this.open(chunk, chunk.socket);
    const connection = this.known.get(process)?.get(descriptor);
    if (connection === undefined || direction === "open" || direction === "close") return false;
    connection.lastNs = chunk.timeNs;
    if (!connection.decided) return this.decide(connection, chunk);
    if (connection.untold > 0 && --connection.untold === 0) this.say(connection, false);
    if (connection.followed === undefined) return false;
    this.pass(connection, connection.followed, chunk);
    return true;
  }

  /** Chunks were lost: what waits for an answer can no longer be told apart. */
  giveUpOpen(): void {
    for (const connections of this.known.values()) {
      for (const connection of connections.values()) {
        const { followed } = connection;
        if (followed === undefined || followed.protocol.isWhole === true) continue;
        this.givenUpCount += followed.follower.waiting;
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
        if (lastNs < beforeNs) followed?.follower.idle();
    }
  }

  private open(chunk: Chunk, socket: Socket): void {
    if (this.count >= maxConnections) return;
    const { process, descriptor, timeNs } = chunk;
    let connections = this.known.get(process);
    if (connections === undefined) this.known.set(process, (connections = new Map()));
    const open = { chunks: 0, earlier: [], decided: false, untold: 0, followed: undefined, lastNs: timeNs };
    connections.set(descriptor, { process, descriptor, socket, ...open });
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

  private decide(connection: Connection, chunk: Chunk): boolean {
    const { socket, earlier } = connection;
    const isOut = chunk.direction === "out";
    for (const protocol of this.protocols) {
      const isRequest = protocol.isRequest(chunk, socket);
      if (!isRequest && protocol.isGreeting?.(chunk, socket) !== true) continue;
      const side = isOut === isRequest ? "client" : "server";
      connection.followed = this.follow(connection, side, protocol);
      break;
    }
    const { followed } = connection;
    const isEarly = followed === undefined && this.protocols.some((each) => each.isEarly?.(chunk) === true);
    const isMidway =
      followed === undefined && !isEarly && this.protocols.some((each) => each.isMidway?.(chunk) === true);
    if (isEarly) earlier.push(chunk);
    connection.decided =
      followed !== undefined || isMidway || isHttp(chunk) || ++connection.chunks >= maxUndecided;
    if (!connection.decided) return false;
    // What is taken whole needs no word.
    if (followed === undefined && isHttp(chunk)) connection.untold = untoldChunks;
    else if (followed?.protocol.isWhole !== true) this.say(connection, followed !== undefined);
    if (followed?.protocol.isWhole === true)
      for (const each of earlier) this.pass(connection, followed, each);
    if (followed !== undefined) this.pass(connection, followed, chunk);
    if (isMidway) this.options.cannotFollow(connection.process, "midway");
    earlier.length = 0;
    return followed !== undefined;
  }

  private pass(connection: Connection, { side, follower }: Followed, chunk: Chunk): void {
    const before = follower.waiting;
    if ((chunk.direction === "out") === (side === "client")) follower.request(chunk);
    else follower.answer(chunk);
    if (follower.lost !== true) return;
    this.givenUpCount += before;
    connection.followed = undefined;
    this.say(connection, false);
    this.options.cannotFollow(connection.process, "lost");
  }

  private say({ process, descriptor, socket }: Connection, follow: boolean): void {
    this.options.decide({ process, descriptor, file: socket.file }, follow);
  }

  private follow(connection: Connection, side: Followed["side"], protocol: Protocol): Followed {
    const { ancestry, emit } = this.options;
    const { process, socket } = connection;
    const giveUp = (): void => void this.givenUpCount++;
    return { protocol, side, follower: protocol.follow({ process, socket, side, ancestry, emit, giveUp }) };
  }
}

function isHttp({ data }: Chunk): boolean {
  return /^(?:[A-Z]{3,7} \S|HTTP\/1)/.test(data.toString("latin1", 0, 10));
}
