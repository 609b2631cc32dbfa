import type { Clock } from "../../../base/clock.ts";
import { LoadedObject } from "../kernel/bpf.ts";
import { attachUprobe } from "../kernel/uprobe.ts";
import { ownNamespace, wordOf } from "../kernel/map-bytes.ts";
import { pageSize, SystemError } from "../kernel/native.ts";
import type { BpfObject } from "../kernel/object.ts";
import { Readable } from "../kernel/readable.ts";
import { RingBuffer } from "../kernel/ring-buffer.ts";
import { forgetUnsent, socketOffsets } from "../kernel/socket-offsets.ts";
import { tlsLibrariesOf, tlsProbes } from "./tls-probes.ts";
import { readChunk, type Chunk } from "../chunks/chunk.ts";

const drainLimit = 8192;
/** Of use only for trace context in what is sent; in the order of their places (bpf/syscalls.bpf.c). */
const servingPrograms = ["serving", "serving_head", "serving_end"];
const maxTlsFiles = 4096;

/** Trace context in the requests that observed processes send. */
export interface SentContext {
  /** Why there is none, for people; undefined when there is. */
  readonly refused?: string;
  /** Takes no connection any more, and lets go of those that it has. To be called once. */
  end(): void;
}

/** The programs of bpf/syscalls.bpf.c in the kernel: give what observed processes read and write. They go with our process. */
export class SyscallTracer {
  private readonly object: LoadedObject;
  private readonly ring: RingBuffer;
  private readonly tlsFiles = new Set<string>();
  private lostBefore = 0;
  private readonly sentContext: SentContext;
  /** False where the kernel does not say how its sockets are made: then only HTTP/1 is seen, without addresses. */
  readonly knowsSockets: boolean;

  /** @param startContext lets requests that are sent carry their context, beside the loaded programs. Throws when the kernel refuses, see kernel/bpf.ts. */
  constructor(definition: BpfObject, startContext: (object: LoadedObject) => SentContext) {
    this.object = new LoadedObject(definition, new Map(), new Set(servingPrograms));
    this.ring = new RingBuffer(this.object.map("events"), pageSize());
    const offsets = socketOffsets();
    this.knowsSockets = offsets.readUInt32LE(0) === 1;
    try {
      this.object.attachTracepoint("tcp_probe");
    } catch (error) {
      // What is waited for then comes when it is read, and what is left to be sent has left when it is written.
      if (!(error instanceof SystemError)) throw error;
      forgetUnsent(offsets);
    }
    this.object.map("settings").set(wordOf(0), Buffer.concat([ownNamespace(), offsets]));
    // Without the others no process is said to propagate, so that they are not called.
    const called = this.object.refused === undefined ? ["pieces", ...servingPrograms] : ["pieces"];
    for (const [place, name] of called.entries())
      this.object.map("pieces").set(wordOf(place), wordOf(this.object.program(name)));
    this.object.map("tls_pieces").set(wordOf(0), wordOf(this.object.program("ssl_pieces")));
    this.sentContext = startContext(this.object);
    this.object.attachTracepoint("sys_enter");
    this.object.attachTracepoint("sys_exit");
  }

  /** Why requests that are sent get no trace context, for people; undefined when they do. */
  get contextRefused(): string | undefined {
    return this.sentContext.refused;
  }

  /** No request carries its context any more. To be called once. */
  endContext(): void {
    this.sentContext.end();
  }

  /** `propagates`: whether requests that the process sends shall carry trace context; `keeps`: also those behind the first of a connection; `steady`: its threads keep to their requests. */
  observe(
    pid: number,
    habits: { readonly propagates: boolean; readonly keeps: boolean; readonly steady: boolean },
  ): void {
    const [observed, propagating, keeping, steady] = [1, 2, 8, 16];
    const carries = habits.propagates && this.contextRefused === undefined;
    const flags =
      observed | (carries ? propagating : 0) | (habits.keeps ? keeping : 0) | (habits.steady ? steady : 0);
    this.object.map("processes").set(wordOf(pid), wordOf(flags));
  }

  /** Sees what the process sends by OpenSSL before it is encrypted. Returns false when its file cannot be probed. */
  probeTls(pid: number): boolean {
    let isProbed = true;
    for (const { path, identity, functions } of tlsLibrariesOf(pid, (each) => this.tlsFiles.has(each))) {
      // Most programs have none of their own: remembered too, up to a bound.
      if (this.tlsFiles.size < maxTlsFiles) this.tlsFiles.add(identity);
      else if (functions.size === 0) continue;
      try {
        for (const [name, entry, done] of tlsProbes) {
          const offset = functions.get(name);
          if (offset === undefined) continue;
          if (done !== undefined) attachUprobe(this.object.program(done), path, offset, true);
          attachUprobe(this.object.program(entry), path, offset);
        }
      } catch {
        isProbed = false;
      }
    }
    return isProbed;
  }

  forget(pid: number): void {
    this.object.map("processes").remove(wordOf(pid));
  }

  /** Says how a connection goes on: its chunks with their first bytes, or only what begins an HTTP/1 message. */
  decide(
    connection: { readonly process: number; readonly descriptor: number; readonly file: bigint },
    follow: boolean,
  ): void {
    const [byMessage, followed] = [1, 2];
    const known = Buffer.alloc(24);
    known.writeBigUInt64LE(connection.file, 0);
    known.writeUInt32LE(follow ? followed : byMessage, 16);
    this.object
      .map("verdicts")
      .set(Buffer.concat([wordOf(connection.process), wordOf(connection.descriptor)]), known);
  }

  /** Calls back, when it is armed, as soon as there is something for `drain`. */
  readable(clock: Clock, tell: () => void): Readable {
    return new Readable(this.object.map("events").descriptor, clock, tell);
  }

  /** Whether there is nothing for `drain`, which is cheap to ask. */
  get isDrained(): boolean {
    return this.ring.isEmpty;
  }

  /** Gives the chunks since the last call, at most some thousands, in the order in which they were taken. Returns whether there may be more. */
  drain(take: (chunk: Chunk) => void): boolean {
    const count = this.ring.drain((bytes) => {
      const chunk = readChunk(bytes);
      if (chunk !== undefined) take(chunk);
    }, drainLimit);
    return count === drainLimit;
  }

  /** Chunks that did not fit into the ring buffer since the last call. */
  newlyLost(): number {
    const total = Number(this.object.map("lost").get(Buffer.alloc(4))?.readBigUInt64LE(0) ?? 0n);
    const lost = total - this.lostBefore;
    this.lostBefore = total;
    return lost;
  }
}
