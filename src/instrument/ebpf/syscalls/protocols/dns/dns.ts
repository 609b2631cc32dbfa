import type { Chunk, Socket } from "../../../chunks/chunk.ts";
import { originOf, type Origin } from "../../ancestry/origin.ts";
import { maxWaiting, type Follower, type ObservedConnection, type Protocol } from "../follower.ts";
import { readDns, type DnsMessage } from "./message.ts";

/** The Domain Name System (RFC 1035) as a client uses it, over UDP and TCP and on any port; no lookup inside the local network (mDNS, LLMNR, NetBIOS). */
export const dns: Protocol = {
  isRequest: (chunk, socket) => {
    if (chunk.direction !== "out" || local.has(socket.remotePort) || socket.family !== "ip") return false;
    return questionOf(chunk, socket)?.isAnswer === false;
  },
  follow: (connection) => new DnsFollower(connection),
};

const local: ReadonlySet<number> = new Set([137, 5353, 5355]);
/** In the words of h_errno, by the codes of answers (RFC 1035 and 6895); all others are "no_recovery". */
const errors: ReadonlyMap<number, string> = new Map([
  [0, ""],
  [2, "try_again"],
  [3, "host_not_found"],
]);
const lengthBytes = 2;

/** Over TCP a message has its length before it. */
function questionOf({ data, size }: Chunk, { protocol }: Socket): DnsMessage | undefined {
  if (protocol === "udp") return readDns(data, size);
  if (data.length < lengthBytes || data.readUInt16BE(0) + lengthBytes !== size) return undefined;
  return readDns(data.subarray(lengthBytes), size - lengthBytes);
}

interface Question {
  readonly message: DnsMessage;
  readonly startNs: bigint;
  readonly origin: Origin;
}

class DnsFollower implements Follower {
  private readonly connection: ObservedConnection;
  /** By number and question: a resolver may ask for two types with one number, and asks again after seconds. */
  private readonly questions = new Map<string, Question>();
  /** The length of a TCP answer, which is read by itself. */
  private length: Buffer = Buffer.alloc(0);
  private lastNs = 0n;

  constructor(connection: ObservedConnection) {
    this.connection = connection;
  }

  get waiting(): number {
    return this.questions.size;
  }

  request(chunk: Chunk): void {
    const { socket, ancestry } = this.connection;
    const message = questionOf(chunk, socket);
    this.lastNs = chunk.timeNs;
    if (message === undefined || message.isAnswer || this.questions.has(keyOf(message))) return;
    if (this.questions.size >= maxWaiting) {
      this.connection.giveUp();
      return;
    }
    const origin = originOf(undefined, ancestry.within(chunk.thread));
    this.questions.set(keyOf(message), { message, startNs: chunk.timeNs, origin });
  }

  answer(chunk: Chunk): void {
    this.lastNs = chunk.timeNs;
    const { data } = chunk;
    const isUdp = this.connection.socket.protocol === "udp";
    if (!isUdp && this.length.length === 0 && data.length === lengthBytes) {
      this.length = data;
      return;
    }
    const bytes = isUdp ? data : Buffer.concat([this.length, data]).subarray(lengthBytes);
    this.length = Buffer.alloc(0);
    const message = readDns(bytes, bytes.length);
    const question = message?.isAnswer === true ? this.questions.get(keyOf(message)) : undefined;
    if (message === undefined || question === undefined) return;
    this.questions.delete(keyOf(message));
    this.tell(question, errors.get(message.code) ?? "no_recovery");
  }

  end(): void {
    for (const question of this.questions.values()) this.tell(question, "timeout");
    this.questions.clear();
  }

  idle(): void {
    this.end();
  }

  private tell({ message, startNs, origin }: Question, error: string): void {
    const { process, socket, emit } = this.connection;
    emit({
      kind: "dns",
      process,
      ...origin,
      startNs,
      endNs: this.lastNs,
      name: message.name,
      type: message.type,
      failed: error !== "",
      error,
      transport: socket.protocol === "udp" ? "udp" : "tcp",
      server: { address: socket.remotePort === 0 ? "" : socket.remote, port: socket.remotePort },
    });
  }
}

function keyOf({ id, type, name }: DnsMessage): string {
  return `${id} ${type} ${name.toLowerCase()}`;
}
