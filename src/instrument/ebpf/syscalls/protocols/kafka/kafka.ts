import type { Chunk } from "../../../chunks/chunk.ts";
import { originOf, type Origin } from "../../ancestry/origin.ts";
import { maxWaiting, type Follower, type ObservedConnection, type Protocol } from "../follower.ts";
import { errorName } from "./errors.ts";
import { Frames, type Frame } from "./frames.ts";
import {
  fetch,
  fetchResponse,
  isKnown,
  metadata,
  metadataResponse,
  produce,
  produceRequest,
  produceResponse,
  requestHead,
  responseBody,
  type Partitions,
  type RequestHead,
} from "./messages.ts";

const lengthBytes = 4;
const maxRequestBytes = 128 << 20;
const maxTopics = 8192;
const followed: ReadonlySet<number> = new Set([produce, fetch, metadata]);

/** Names of topics by their ids, which newer clients use in place of them; clients ask for both over any connection. */
export type TopicNames = Map<string, string>;

/** Kafka's protocol as a client speaks it: Produce and Fetch, by whatever number of requests at a time. */
export function kafka(topics: TopicNames = new Map()): Protocol {
  return {
    isRequest: (chunk, { protocol }) => protocol !== "udp" && chunk.direction === "out" && isRequest(chunk),
    follow: (connection) => new KafkaFollower(connection, topics),
  };
}

/** Nothing but whole requests, as far as they were seen, of a client that has a name; of one that carries messages, the begin is enough. */
function isRequest({ data, size }: Chunk): boolean {
  for (let at = 0; at < size;) {
    if (at + lengthBytes > data.length) return at > 0;
    const length = data.readInt32BE(at);
    const head = requestHead(data.subarray(at + lengthBytes, at + lengthBytes + Math.max(0, length)));
    if (head === undefined || head.clientId === "" || length > maxRequestBytes) return false;
    at += lengthBytes + length;
    if (at > size) return isSending(head);
  }
  return true;
}

function isSending(head: RequestHead): boolean {
  if (head.api !== produce || !isKnown(produce, head.version)) return false;
  const { acks, topics } = produceRequest(head);
  return acks >= -1 && acks <= 1 && topics.size > 0;
}

interface Call {
  readonly api: number;
  readonly version: number;
  readonly clientId: string;
  readonly thread: number;
  readonly startNs: bigint;
  readonly origin: Origin;
  /** What a Produce sends. */
  readonly sent: Partitions | undefined;
  readonly messages: number | undefined;
}

class KafkaFollower implements Follower {
  private readonly connection: ObservedConnection;
  private readonly topics: TopicNames;
  private readonly requests = new Frames();
  private readonly answers = new Frames();
  private readonly calls = new Map<number, Call>();
  private lastNs = 0n;

  constructor(connection: ObservedConnection, topics: TopicNames) {
    this.connection = connection;
    this.topics = topics;
  }

  get waiting(): number {
    return this.calls.size;
  }

  request(chunk: Chunk): void {
    this.lastNs = chunk.timeNs;
    if (this.requests.lost && isRequest(chunk)) this.requests.reset();
    this.requests.push(chunk, (frame) => this.begin(frame));
  }

  answer(chunk: Chunk): void {
    this.lastNs = chunk.timeNs;
    const { data } = chunk;
    if (this.answers.lost && data.length >= 8 && this.calls.has(data.readInt32BE(4))) this.answers.reset();
    this.answers.push(chunk, (frame) => this.answered(frame));
  }

  /** Nobody will answer. */
  end(): void {
    for (const call of this.calls.values()) {
      if (call.api === produce) this.tell(call, this.lastNs, call.sent, "_OTHER");
    }
    this.calls.clear();
  }

  idle(): void {
    this.end();
  }

  private begin(frame: Frame): void {
    const head = requestHead(frame.bytes);
    if (head === undefined || !followed.has(head.api)) return;
    const { api, version, clientId, correlation } = head;
    // A version from the future says nothing that could be relied on.
    if (!isKnown(api, version) || this.calls.size >= maxWaiting) {
      this.connection.giveUp();
      return;
    }
    const sent = api === produce ? produceRequest(head) : undefined;
    const { thread, startNs } = frame;
    const call: Call = {
      api,
      version,
      clientId,
      thread,
      startNs,
      origin: originOf(undefined, this.connection.ancestry.within(thread)),
      sent,
      messages: sent === undefined ? undefined : messagesIn(frame.bytes, sent),
    };
    if (sent?.acks === 0) this.tell(call, frame.endNs, sent, "");
    else this.calls.set(correlation, call);
  }

  private answered(frame: Frame): void {
    if (frame.bytes.length < 4) return;
    const correlation = frame.bytes.readInt32BE(0);
    const call = this.calls.get(correlation);
    if (call === undefined) return;
    this.calls.delete(correlation);
    const { api, version } = call;
    const body = responseBody(frame.bytes, api, version);
    if (api === metadata) metadataResponse(body, version, (id, name) => this.learn(id, name));
    if (api === produce) {
      const { error } = produceResponse(body, version);
      this.tell(call, frame.endNs, call.sent, errorName(error));
    }
    if (api !== fetch) return;
    const said = fetchResponse(body, version);
    // A consumer asks again and again; what brings nothing is no receipt.
    if (said.recordBytes > 0 || said.error !== 0) this.tell(call, frame.endNs, said, errorName(said.error));
  }

  private learn(id: string, name: string): void {
    this.topics.delete(id);
    this.topics.set(id, name);
    const [oldest] = this.topics.keys();
    if (this.topics.size > maxTopics && oldest !== undefined) this.topics.delete(oldest);
  }

  private tell(call: Call, endNs: bigint, about: Partitions | undefined, error: string): void {
    const { process, socket, emit } = this.connection;
    const [topic = ""] = about?.cut === false && about.topics.size === 1 ? about.topics : [];
    const isOne = about?.cut === false && about.partitions.length === 1;
    emit({
      kind: "messaging",
      system: "kafka",
      process,
      ...call.origin,
      startNs: call.startNs,
      endNs,
      operation: call.api === produce ? "send" : "poll",
      destination: topic.startsWith("id:") ? (this.topics.get(topic.slice(3)) ?? "") : topic,
      partition: isOne ? about.partitions[0] : undefined,
      messages: call.messages,
      clientId: call.clientId,
      failed: error !== "",
      error,
      server: { address: socket.remote, port: socket.remotePort },
    });
  }
}

/** Of a record batch (version 2 of the format): where its length is, what comes before that counts, its version and its number of records. */
const batch = { length: 8, lengthEnd: 12, magic: 16, count: 57, head: 61 } as const;

/** How many messages are sent, when it is one batch whose head was seen. */
function messagesIn(bytes: Buffer, { cut, partitions, records }: Partitions): number | undefined {
  if (cut || partitions.length !== 1 || records === undefined || records.length < batch.head)
    return undefined;
  const { at, length } = records;
  if (at + batch.head > bytes.length || bytes[at + batch.magic] !== 2) return undefined;
  const isOne = bytes.readInt32BE(at + batch.length) + batch.lengthEnd === length;
  return isOne ? bytes.readInt32BE(at + batch.count) : undefined;
}
