import type { Chunk } from "../../../chunks/chunk.ts";
import { remember, type Call, type Calls, type DatabaseFollower, type Database } from "./database.ts";
import { describe } from "./statement.ts";

/** MySQL's and MariaDB's protocol (MySQL's internals manual, "Command Phase"): queries and prepared statements, one at a time. */
export const mysql: Database = {
  system: "mysql",
  isRequest: (chunk) => commandOf(chunk) !== undefined && isStatement(chunk),
  isGreeting: ({ data, size }) =>
    data.length > 20 &&
    data.readUIntLE(0, 3) + 4 === size &&
    data[3] === 0 &&
    data[4] === 10 &&
    /^\d+\.\d+\.\d+/.test(data.toString("latin1", 5, 16)),
  follow: (calls) => new MysqlFollower(calls),
};

const command = { initDb: 2, query: 3, prepare: 0x16, execute: 0x17 } as const;
const [okPacket, eofPacket, errorPacket] = [0x00, 0xfe, 0xff];
/** Attributes of a query that stand before its text: none, in one set. */
const noAttributes = Buffer.from([0, 1]);

/** The command of a packet that begins a request. */
function commandOf({ data, size }: Chunk): number | undefined {
  if (data.length < 5 || data[3] !== 0 || data.readUIntLE(0, 3) + 4 !== size) return undefined;
  return data[4];
}

function isStatement(chunk: Chunk): boolean {
  const which = commandOf(chunk);
  return (which === command.query || which === command.prepare) && /^[\s(]*[a-z]{2,}\b/i.test(textOf(chunk));
}

function textOf({ data }: Chunk): string {
  const start = data.subarray(5, 7).equals(noAttributes) ? 7 : 5;
  return data.toString("utf8", start);
}

/** Servers read the head of a packet for itself: it is put before what follows. */
class Heads {
  private head: Buffer | undefined;

  whole(chunk: Chunk): Chunk | undefined {
    const { head } = this;
    this.head = undefined;
    if (head === undefined && chunk.size === 4 && chunk.data.length === 4) {
      this.head = chunk.data;
      return undefined;
    }
    if (head === undefined) return chunk;
    return { ...chunk, size: chunk.size + 4, data: Buffer.concat([head, chunk.data]) };
  }
}

class MysqlFollower implements DatabaseFollower {
  private readonly calls: Calls;
  private readonly prepared = new Map<number, string>();
  private namespace = "";
  private call: Call | undefined;
  /** The statement whose number the next answer gives. */
  private preparing: string | undefined;
  private switching: string | undefined;
  private answered = false;
  private readonly requests = new Heads();
  private readonly answers = new Heads();

  constructor(calls: Calls) {
    this.calls = calls;
  }

  request(part: Chunk): void {
    const chunk = this.requests.whole(part);
    if (chunk === undefined) return;
    const which = commandOf(chunk);
    if (which === undefined) return;
    // A new command says that the answer before it has ended.
    this.end();
    const cut = chunk.size > chunk.data.length;
    const text = textOf(chunk);
    if (which === command.prepare) this.preparing = text;
    if (which === command.initDb) this.switching = text;
    if (which !== command.query && which !== command.execute) return;
    const statement =
      which === command.query
        ? text
        : chunk.data.length < 9
          ? ""
          : this.prepared.get(chunk.data.readUInt32LE(5));
    this.call = this.calls.begin(chunk);
    this.call.namespace = this.namespace;
    if (statement !== undefined) describe(this.call, statement, "mysql", cut && which === command.query);
    const [, database] = /^\s*use\s+`?([^`;\s]+)/i.exec(which === command.query ? text : "") ?? [];
    this.switching = database;
  }

  answer(part: Chunk): void {
    const chunk = this.answers.whole(part);
    if (chunk === undefined) return;
    const { data, tail, endedNs, size } = chunk;
    const first = this.answered || data.length < 5 ? undefined : data[4];
    this.answered = true;
    if (first === okPacket) {
      if (this.preparing !== undefined && data.length >= 9)
        remember(this.prepared, data.readUInt32LE(5), this.preparing);
      this.namespace = this.switching ?? this.namespace;
    }
    if (first !== undefined) this.preparing = this.switching = undefined;
    const { call } = this;
    if (call === undefined) return;
    call.endNs = endedNs;
    if (first === errorPacket && data.length >= 7) {
      call.failed = true;
      call.code = String(data.readUInt16LE(5));
    }
    const isOne = (first === okPacket || first === errorPacket) && data.readUIntLE(0, 3) + 4 === size;
    if (isOne || (size > 9 && endsResult(tail))) this.end();
  }

  end(): void {
    if (this.call !== undefined) this.calls.end(this.call);
    this.call = undefined;
    this.answered = false;
  }
}

/** The packet that ends a result, in its older form (4 bytes behind its mark) or as an OK packet (6 bytes). */
function endsResult(tail: Buffer): boolean {
  return (
    (tail[0] === 0 && tail[1] === 0 && tail[3] === eofPacket) ||
    (tail[1] === eofPacket && tail[2] === 0 && tail[3] === 0)
  );
}
