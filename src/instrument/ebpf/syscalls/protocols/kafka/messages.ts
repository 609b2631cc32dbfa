/** Requests and responses of Kafka's protocol (kafka.apache.org, "The Messages") as far as spans need them: Produce 0 to 13, Fetch 0 to 18, Metadata 0 to 13. */
import { WireReader } from "./reader.ts";

export const produce = 0;
export const fetch = 1;
export const metadata = 3;
/** From which version on lengths are variable and tagged fields follow; and from which topics are named by their ids. */
const flexibleFrom: ReadonlyMap<number, number> = new Map([
  [produce, 9],
  [fetch, 12],
  [metadata, 9],
]);
const byIdFrom: ReadonlyMap<number, number> = new Map([
  [produce, 13],
  [fetch, 13],
]);
const newest: ReadonlyMap<number, number> = new Map([
  [produce, 13],
  [fetch, 18],
  [metadata, 13],
]);
const maxApi = 100;
const maxVersion = 30;
const maxElements = 4096;

export interface RequestHead {
  readonly api: number;
  readonly version: number;
  readonly correlation: number;
  readonly clientId: string;
  /** Behind the head. */
  readonly body: WireReader;
}

/** The head of a request; undefined when it is none that can be. */
export function requestHead(bytes: Buffer): RequestHead | undefined {
  if (bytes.length < 10) return undefined;
  const head = new WireReader(bytes, 0, false);
  const [api, version, correlation] = [head.int16(), head.int16(), head.int32()];
  const length = bytes.readInt16BE(8);
  const clientId = head.fixedText();
  if (api < 0 || api > maxApi || version < 0 || version > maxVersion || correlation < 0) return undefined;
  if (length < -1 || head.cut || !/^[ -~]*$/.test(clientId)) return undefined;
  const flexible = isFlexible(api, version);
  const body = new WireReader(bytes, 10 + Math.max(0, length), flexible);
  body.tags();
  return { api, version, correlation, clientId, body };
}

function isFlexible(api: number, version: number): boolean {
  return version >= (flexibleFrom.get(api) ?? Number.POSITIVE_INFINITY);
}

/** Whether the body of a message is one that can be read here. */
export function isKnown(api: number, version: number): boolean {
  return version <= (newest.get(api) ?? -1);
}

/** A response's body, behind its head. */
export function responseBody(bytes: Buffer, api: number, version: number): WireReader {
  const body = new WireReader(bytes, 4, isFlexible(api, version));
  body.tags();
  return body;
}

/** What a message says of partitions. */
export interface Partitions {
  /** Their topics by name, or by "id:" and id; all of them only when nothing is `cut`. */
  readonly topics: ReadonlySet<string>;
  /** As far as they were seen. */
  readonly partitions: readonly number[];
  /** The first error; 0 without one. */
  readonly error: number;
  /** Bytes of all records that were seen. */
  readonly recordBytes: number;
  /** Where records of the one partition lie. */
  readonly records: { readonly at: number; readonly length: number } | undefined;
  /** True when there are topics, or partitions of one, that were not seen. */
  readonly cut: boolean;
}

/** @param partition reads one partition behind its number */
function partitionsOf(
  body: WireReader,
  isById: boolean,
  partition: () => { error?: number; records?: { at: number; length: number } },
): Partitions {
  const topics = new Set<string>();
  const partitions: number[] = [];
  let [error, recordBytes, cut] = [0, 0, false];
  let records: Partitions["records"];
  const topicCount = body.count();
  for (let topic = 0; topic < topicCount && !cut; topic++) {
    const name = isById ? `id:${body.uuid()}` : body.text();
    const count = body.count();
    cut = body.cut || topic >= maxElements;
    if (cut) break;
    topics.add(name);
    for (let index = 0; index < count && !cut; index++) {
      const number = body.int32();
      if (body.cut) {
        cut = true;
        break;
      }
      const said = partition();
      partitions.push(number);
      error ||= said.error ?? 0;
      recordBytes += said.records?.length ?? 0;
      records = said.records;
      body.tags();
      // Records reach beyond what was seen: what comes behind the last of all is of no interest.
      cut = body.cut && (index + 1 < count || topic + 1 < topicCount);
      if (partitions.length >= maxElements) cut = true;
    }
    body.tags();
  }
  return { topics, partitions, error, recordBytes, records, cut };
}

export interface ProduceRequest extends Partitions {
  /** Without acknowledgement there is no response. */
  readonly acks: number;
}

export function produceRequest({ version, body }: RequestHead): ProduceRequest {
  if (version >= 3) body.text(); // transactional id
  const acks = body.int16();
  body.skip(4); // timeout
  return { acks, ...partitionsOf(body, isById(produce, version), () => ({ records: body.records() })) };
}

export function produceResponse(body: WireReader, version: number): Partitions {
  return partitionsOf(body, isById(produce, version), () => {
    const error = body.int16();
    body.skip(8 + (version >= 2 ? 8 : 0) + (version >= 5 ? 8 : 0)); // offsets and time
    if (version >= 8) {
      for (let left = Math.min(body.count(), maxElements); left > 0 && !body.cut; left--) {
        body.skip(4);
        body.text();
        body.tags();
      }
      body.text(); // what is wrong
    }
    return { error };
  });
}

export function fetchResponse(body: WireReader, version: number): Partitions {
  if (version >= 1) body.skip(4); // throttled
  const error = version >= 7 ? body.int16() : 0;
  if (version >= 7) body.skip(4); // session
  const said = partitionsOf(body, isById(fetch, version), () => {
    const ownError = body.int16();
    body.skip(8 + (version >= 4 ? 8 : 0) + (version >= 5 ? 8 : 0)); // offsets
    if (version >= 4) {
      for (let left = Math.min(body.count(), maxElements); left > 0 && !body.cut; left--) {
        body.skip(16);
        body.tags();
      }
    }
    if (version >= 11) body.skip(4); // replica
    return { error: ownError, records: body.records() };
  });
  return { ...said, error: error || said.error };
}

/** Names of topics by their ids. */
export function metadataResponse(
  body: WireReader,
  version: number,
  take: (id: string, name: string) => void,
): void {
  if (version < 10) return; // without ids
  body.skip(4); // throttled
  for (let left = Math.min(body.count(), maxElements); left > 0 && !body.cut; left--) {
    body.skip(4);
    body.text(); // host
    body.skip(4);
    body.text(); // rack
    body.tags();
  }
  body.text(); // cluster
  body.skip(4); // controller
  for (let left = Math.min(body.count(), maxElements); left > 0 && !body.cut; left--) {
    body.skip(2); // error
    const name = body.text();
    const id = body.uuid();
    body.skip(1); // whether it is internal
    if (!body.cut && name !== "") take(id, name);
    for (let partitions = Math.min(body.count(), maxElements); partitions > 0 && !body.cut; partitions--) {
      body.skip(2 + 4 + 4 + 4); // error, number, leader, epoch
      for (let list = 0; list < 3; list++) body.skip(4 * body.count()); // replicas: all, in sync, offline
      body.tags();
    }
    body.skip(4); // what is allowed
    body.tags();
  }
}

function isById(api: number, version: number): boolean {
  return version >= (byIdFrom.get(api) ?? Number.POSITIVE_INFINITY);
}
