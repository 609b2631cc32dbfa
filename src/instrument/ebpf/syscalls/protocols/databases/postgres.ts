import type { Chunk } from "../../../chunks/chunk.ts";
import { maxWaiting } from "../follower.ts";
import { remember, type Call, type Calls, type DatabaseFollower, type Database } from "./database.ts";
import { describe } from "./statement.ts";

/** PostgreSQL's protocol 3.0 (its manual, "Message Formats"): simple and extended queries, prepared statements, pipelines. */
export const postgres: Database = {
  system: "postgresql",
  isRequest: (chunk) => isStartup(chunk) || isQuery(chunk) || isExtended(chunk),
  follow: (calls) => new PostgresFollower(calls),
};

const [startup, ssl, gss] = [196_608, 80_877_103, 80_877_104];
const clientTypes = "BCDEFHPQSXcdfp";
const statementWords =
  /^[\s(]*(?:select|insert|update|delete|with|begin|commit|rollback|set|show|create|alter|drop|copy|call|explain|listen|savepoint)\b/i;

function isStartup({ data, size }: Chunk): boolean {
  return (
    data.length >= 8 && data.readUInt32BE(0) === size && [startup, ssl, gss].includes(data.readUInt32BE(4))
  );
}

function isQuery({ data, size }: Chunk): boolean {
  if (data.length < 7 || data[0] !== 0x51 || data.readUInt32BE(1) + 1 !== size) return false;
  return statementWords.test(data.toString("latin1", 5, 64));
}

/** A chunk that is nothing but whole messages of the extended protocol, with a Sync at its end. */
function isExtended(chunk: Chunk): boolean {
  const { data, size } = chunk;
  if (data.length !== size || size < 10 || !data.subarray(-5).equals(sync)) return false;
  const walked = { skip: 0, lost: false };
  const types = [...messagesOf(chunk, walked, clientTypes)].map(({ type }) => type);
  return !walked.lost && /^[PBDEHCS]*$/.test(types.join("")) && /[PB]/.test(types.join(""));
}
const sync = Buffer.from("5300000004", "hex");

interface Message {
  readonly type: string;
  /** As far as it was captured. */
  readonly body: Buffer;
  readonly whole: boolean;
}

interface Walk {
  /** Bytes of a message that are still to come. */
  skip: number;
  /** True when the end of the chunk was not understood. */
  lost: boolean;
}

function* messagesOf({ data, size }: Chunk, walk: Walk, types: string): Generator<Message> {
  walk.lost = false;
  let at = Math.min(walk.skip, size);
  walk.skip -= at;
  while (at < size) {
    const type = at + 5 > data.length ? "" : String.fromCharCode(data[at]!);
    const length = type === "" ? 0 : data.readUInt32BE(at + 1);
    if (type === "" || !types.includes(type) || length < 4 || length > 1 << 30) {
      walk.lost = true;
      return;
    }
    const end = at + 1 + length;
    yield { type, body: data.subarray(at + 5, Math.min(end, data.length)), whole: end <= data.length };
    at = end;
  }
  walk.skip = at - size;
}

interface Prepared {
  readonly text: string;
  readonly cut: boolean;
}

class PostgresFollower implements DatabaseFollower {
  private readonly calls: Calls;
  private readonly requests: Walk = { skip: 0, lost: false };
  private readonly answers: Walk = { skip: 0, lost: false };
  private readonly prepared = new Map<string, Prepared>();
  private namespace = "";
  /** What is asked for until the next Sync; undefined before it begins. */
  private unit: Call | undefined;
  private executes = false;
  /** For each ReadyForQuery that is to come: the call that it ends, or none where nothing was executed. */
  private readonly waiting: (Call | undefined)[] = [];

  constructor(calls: Calls) {
    this.calls = calls;
  }

  request(chunk: Chunk): void {
    if (isStartup(chunk)) {
      this.start(chunk);
      return;
    }
    for (const message of messagesOf(chunk, this.requests, clientTypes)) this.take(message, chunk);
    // The rest was not captured: a client's write mostly ends with what it waits for.
    if (this.requests.lost && this.unit !== undefined) {
      this.executes = true;
      this.closeUnit();
    }
  }

  answer(chunk: Chunk): void {
    const first = this.waiting.find((call) => call !== undefined);
    if (first !== undefined) first.endNs = chunk.endedNs;
    for (const { type, body } of messagesOf(chunk, this.answers, "1234ACDEGHIKNRSTVWZcdnstvz")) {
      if (type === "E") this.failed(body);
      if (type === "Z" && body.length === 1) this.ready(chunk);
    }
    if (this.answers.lost && endsReady(chunk.tail)) this.ready(chunk);
  }

  end(): void {
    for (const call of this.waiting.splice(0)) if (call !== undefined) this.calls.end(call);
    this.unit = undefined;
  }

  private start({ data }: Chunk): void {
    const words = data.toString("utf8", 8).split("\0");
    const named = (key: string): string | undefined => {
      const at = words.findIndex((word, index) => index % 2 === 0 && word === key);
      return at === -1 ? undefined : words[at + 1];
    };
    this.namespace = named("database") ?? named("user") ?? "";
    // The answer to the start ends with the first ReadyForQuery.
    if (data.readUInt32BE(4) === startup) this.waiting.push(undefined);
  }

  private take({ type, body, whole }: Message, chunk: Chunk): void {
    switch (type) {
      case "Q":
        this.unit = this.calls.begin(chunk);
        this.say(textAt(body, 0), !whole);
        this.executes = true;
        this.closeUnit();
        return;
      case "P": {
        const name = textAt(body, 0);
        const text = textAt(body, textBytes(body, 0));
        remember(this.prepared, name, { text, cut: !whole });
        this.unit ??= this.calls.begin(chunk);
        this.say(text, !whole);
        return;
      }
      case "B": {
        this.unit ??= this.calls.begin(chunk);
        const name = textAt(body, textBytes(body, 0));
        const known = this.prepared.get(name);
        if (known !== undefined) this.say(known.text, known.cut);
        return;
      }
      case "E":
        this.unit ??= this.calls.begin(chunk);
        if (!this.executes) [this.unit.startNs, this.unit.endNs] = [chunk.beganNs, chunk.endedNs];
        this.executes = true;
        return;
      case "S":
        this.closeUnit();
        return;
      default:
    }
  }

  private say(text: string, cut: boolean): void {
    if (this.unit !== undefined) describe(this.unit, text, "postgresql", cut);
  }

  private closeUnit(): void {
    const call = this.executes ? this.unit : undefined;
    if (call !== undefined) call.namespace = this.namespace;
    this.unit = undefined;
    this.executes = false;
    if (this.waiting.length < maxWaiting) this.waiting.push(call);
  }

  private failed(body: Buffer): void {
    const fields = body.toString("utf8").split("\0");
    const call = this.waiting[0];
    if (call === undefined || !fields[0]?.startsWith("S")) return;
    call.failed = true;
    call.code = fields.find((field) => /^C[0-9A-Z]{5}$/.test(field))?.slice(1) ?? "";
  }

  private ready(chunk: Chunk): void {
    const call = this.waiting.shift();
    if (call === undefined) return;
    call.endNs = chunk.endedNs;
    this.calls.end(call);
  }
}

/** ReadyForQuery at the end of a chunk. */
function endsReady(tail: Buffer): boolean {
  return tail.subarray(-6, -1).equals(ready) && "ITE".includes(String.fromCharCode(tail.at(-1) ?? 0));
}
const ready = Buffer.from("5a00000005", "hex");

function textAt(body: Buffer, at: number): string {
  const end = body.indexOf(0, at);
  return body.toString("utf8", at, end === -1 ? body.length : end);
}

/** Where what follows a text begins. */
function textBytes(body: Buffer, at: number): number {
  const end = body.indexOf(0, at);
  return end === -1 ? body.length : end + 1;
}
