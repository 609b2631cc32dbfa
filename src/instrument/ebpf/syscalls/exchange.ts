import type { HttpRecord } from "../spans/record.ts";
import { isTls, type Chunk, type Socket } from "../chunks/chunk.ts";
import { endOf } from "../chunks/socket-end.ts";
import { originOf, type Origin } from "./ancestry/origin.ts";
import type { Traceparent } from "./ancestry/traceparent.ts";
import type { RequestHead, ResponseHead } from "./http-head.ts";

/** One request and its answer, under way. */
export class Exchange {
  readonly thread: number;
  readonly origin: Origin;
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
  private answerLeft = Number.POSITIVE_INFINITY;

  /** @param within the span in which the request is made */
  constructor(
    kind: HttpRecord["kind"],
    request: RequestHead,
    chunk: Chunk,
    {
      within,
      decided,
      socket,
    }: {
      readonly within: Traceparent | undefined;
      readonly decided: Origin | undefined;
      readonly socket: Socket | undefined;
    },
  ) {
    this.kind = kind;
    this.socket = socket;
    this.secure = isTls(chunk);
    this.request = request;
    this.process = chunk.process;
    this.thread = chunk.thread;
    this.startNs = chunk.beganNs;
    this.endNs = chunk.endedNs;
    this.origin = originOf(request.traceparent, within, decided);
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
      ...this.origin,
      startNs: this.startNs,
      endNs: this.endNs,
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
