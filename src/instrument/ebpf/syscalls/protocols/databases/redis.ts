import type { Chunk } from "../../../chunks/chunk.ts";
import { maxWaiting } from "../follower.ts";
import type { Call, Calls, DatabaseFollower, Database } from "./database.ts";

/** Redis' protocol RESP 2 and 3 (redis.io, "Serialization protocol"), also of Valkey and KeyDB: commands, pipelines. */
export const redis: Database = {
  system: "redis",
  isRequest: ({ data }) => /^\*[1-9]\d{0,6}\r\n\$[1-9]\d{0,3}\r\n[a-z]/i.test(data.toString("latin1", 0, 32)),
  follow: (calls) => new RedisFollower(calls),
};

/** Commands of two words, and those that are not for answers. */
const withSubcommand =
  /^(?:ACL|CLIENT|CLUSTER|COMMAND|CONFIG|FUNCTION|LATENCY|MEMORY|MODULE|OBJECT|PUBSUB|SCRIPT|SLOWLOG|XGROUP|XINFO)$/;
const maxShown = 8;

class RedisFollower implements DatabaseFollower {
  private readonly calls: Calls;
  private readonly waiting: Call[] = [];
  private readonly requests = new RespReader();
  private readonly answers = new RespReader();
  private namespace = "";

  constructor(calls: Calls) {
    this.calls = calls;
  }

  request(chunk: Chunk): void {
    // What could not be followed to its end has been answered when the client goes on.
    if (this.answers.lost) this.end();
    this.requests.read(chunk, (value) => this.begin(chunk, value));
    // Where the rest was not captured the next write begins anew.
    if (this.requests.lost) this.requests.reset();
  }

  answer(chunk: Chunk): void {
    if (this.waiting[0] !== undefined) this.waiting[0].endNs = chunk.endedNs;
    this.answers.read(chunk, (value) => {
      if (value.mark === ">") return; // pushed, an answer to nothing
      const call = this.waiting.shift();
      if (call === undefined) return;
      call.endNs = chunk.endedNs;
      if (value.mark === "-" || value.mark === "!") {
        call.failed = true;
        call.code = /^[A-Z]+/.exec(value.words[0] ?? "")?.[0] ?? "";
      }
      this.calls.end(call);
    });
  }

  end(): void {
    for (const call of this.waiting.splice(0)) this.calls.end(call);
    this.answers.reset();
  }

  private begin(chunk: Chunk, { mark, words, count }: RespValue): void {
    const name = words[0]?.toUpperCase() ?? "";
    if (mark !== "*" || !/^[A-Z][A-Z0-9._-]{0,40}$/.test(name) || this.waiting.length >= maxWaiting) return;
    const two = withSubcommand.test(name) && /^[a-z-]{1,20}$/i.test(words[1] ?? "");
    const operation = two ? `${name} ${words[1]!.toUpperCase()}` : name;
    const call = this.calls.begin(chunk);
    const shown = count - (two ? 2 : 1);
    const marks = Array.from({ length: Math.min(shown, maxShown) }, () => "?");
    call.operation = operation;
    call.text = [operation, ...marks, ...(shown > maxShown ? ["..."] : [])].join(" ");
    if (name === "SELECT" && /^\d{1,5}$/.test(words[1] ?? "")) this.namespace = words[1] ?? "";
    call.namespace = this.namespace;
    this.waiting.push(call);
  }
}

interface RespValue {
  /** The first byte: "+", "-", ":", "$", "*", ... */
  readonly mark: string;
  /** Its first two texts, as far as they were captured. */
  readonly words: readonly string[];
  /** Elements at the top; 1 for what is no aggregate. */
  readonly count: number;
}

/** Reads values off a stream of which only the beginnings of chunks are seen: texts may be stepped over, everything else must be there. */
class RespReader {
  /** True when the stream was lost: it begins anew with `reset`. */
  lost = false;
  private skip = 0;
  private mark = "";
  private words: string[] = [];
  private count = 0;
  /** Elements that are to come at each level of aggregates. */
  private readonly open: number[] = [];

  reset(): void {
    this.lost = false;
    this.skip = 0;
    this.open.length = 0;
  }

  read({ data, size }: Chunk, take: (value: RespValue) => void): void {
    if (this.lost) return;
    let at = Math.min(this.skip, size);
    this.skip -= at;
    if (at > 0 && this.skip === 0) this.ended(take);
    while (at < size) {
      const end = data.indexOf("\r\n", at);
      const line = end === -1 ? "" : data.toString("latin1", at, Math.min(end, at + 64));
      if (!/^[-+:$*_#,(!=%~>|]/.test(line)) {
        this.lost = true;
        return;
      }
      at = end + 2;
      const [mark = "", number] = [line[0], Number(line.slice(1))];
      if (this.open.length === 0) {
        this.mark = mark;
        this.words = [];
        this.count = 1;
      }
      if ("*%~>|".includes(mark) && number > 0) {
        const elements = mark === "%" || mark === "|" ? number * 2 : number;
        if (this.open.length === 0) this.count = elements;
        this.open.push(elements);
        continue;
      }
      if ("$!=".includes(mark) && number >= 0) {
        if (this.words.length < 2)
          this.words.push(data.toString("utf8", at, Math.min(at + number, at + 256, data.length)));
        at += number + 2;
        if (at > size) {
          this.skip = at - size;
          return;
        }
      } else if (this.words.length < 2) this.words.push(line.slice(1));
      this.ended(take);
    }
  }

  /** A value has been read, and with it perhaps those around it. */
  private ended(take: (value: RespValue) => void): void {
    while (this.open.length > 0) {
      const left = this.open.pop()! - 1;
      if (left > 0) {
        this.open.push(left);
        return;
      }
    }
    take({ mark: this.mark, words: this.words, count: this.count });
  }
}
