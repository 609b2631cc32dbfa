import { randomBytes } from "node:crypto";
import type { HttpRecord } from "../spans/record.ts";
import { isTls, type Chunk, type Socket } from "../chunks/chunk.ts";
import type { RequestHead, ResponseHead, Traceparent } from "./http-head.ts";

/** One request and its answer, under way. */
export class Exchange {
  readonly thread: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly sampled: boolean;
  /** Bytes of the request's body that have not been seen; infinite where the end is not told by a length. */
  requestLeft: number;
  /** Of the last byte that was seen of the answer. */
  endNs: bigint;
  answer: ResponseHead | undefined;
  private readonly request: RequestHead;
  private readonly process: number;
  private readonly startNs: bigint;
  private readonly kind: HttpRecord["kind"];
  private readonly secure: boolean;
  private readonly socket: Socket | undefined;
  private readonly parentId: Uint8Array | undefined;
  private answerLeft = Number.POSITIVE_INFINITY;

  /** @param within the span in which the request is made; a proxy sends the header that it got on: then it wins, in the same trace only */
  constructor(
    kind: HttpRecord["kind"],
    request: RequestHead,
    chunk: Chunk,
    { within, socket }: { readonly within: Traceparent | undefined; readonly socket: Socket | undefined },
  ) {
    const { traceparent: said } = request;
    const sameTrace =
      said !== undefined && within !== undefined && Buffer.from(said.traceId).equals(within.traceId);
    const caller = sameTrace ? within : (said ?? within);
    this.kind = kind;
    this.socket = socket;
    this.secure = isTls(chunk);
    this.request = request;
    this.process = chunk.process;
    this.thread = chunk.thread;
    this.startNs = chunk.timeNs;
    this.endNs = chunk.timeNs;
    this.traceId = caller?.traceId ?? randomBytes(16);
    this.spanId = randomBytes(8);
    this.parentId = caller?.spanId;
    this.sampled = caller?.sampled ?? true;
    this.requestLeft = request.chunked ? Number.POSITIVE_INFINITY : (request.length ?? 0);
  }

  /** Takes the head of the answer; false when more answers follow it (RFC 9110, 15.2). */
  answered(head: ResponseHead): boolean {
    if (head.status < 200 && head.status !== 101) return false;
    this.answer = head;
    const noBody = this.request.method === "HEAD" || [101, 204, 304].includes(head.status);
    if (noBody) this.answerLeft = 0;
    else if (!head.chunked && head.length !== undefined) this.answerLeft = head.length;
    return true;
  }

  /** Takes bytes of the answer's body; returns how many belong to it. */
  takeBody(available: number, tail: Buffer): number {
    const taken = Math.min(available, this.answerLeft);
    this.answerLeft -= taken;
    if (
      this.answer?.chunked === true &&
      available > 0 &&
      tail.subarray(-lastChunk.length).equals(lastChunk)
    ) {
      this.answerLeft = 0;
    }
    return taken;
  }

  get complete(): boolean {
    return this.answer !== undefined && this.answerLeft === 0;
  }

  /** True once the answer has begun. Without a length or chunks it lasts until the connection ends. */
  get answering(): boolean {
    return this.answer !== undefined;
  }

  toRecord(): HttpRecord {
    const { request, socket } = this;
    return {
      kind: this.kind,
      process: this.process,
      sampled: this.sampled,
      startNs: this.startNs,
      endNs: this.endNs,
      traceId: this.traceId,
      spanId: this.spanId,
      parentId: this.parentId,
      failed: this.answer === undefined,
      status: this.answer?.status ?? 0,
      secure: this.secure,
      method: request.method,
      path: request.path,
      query: request.query,
      pattern: "",
      host: request.host || endOf(socket, this.kind === "http-server" ? "local" : "remote"),
      peer: endOf(socket, "remote"),
      protocol: request.version,
    };
  }
}

const lastChunk = Buffer.from("0\r\n\r\n");

/** "10.0.0.1:80", "[::1]:80"; "" when it is not known. */
function endOf(socket: Socket | undefined, end: "local" | "remote"): string {
  if (socket === undefined || socket.family !== "ip" || socket.remote === "") return "";
  const [address, port] =
    end === "local" ? [socket.local, socket.localPort] : [socket.remote, socket.remotePort];
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
