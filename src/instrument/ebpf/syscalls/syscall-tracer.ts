import { statSync } from "node:fs";
import { LoadedObject } from "../kernel/bpf.ts";
import { pageSize } from "../kernel/native.ts";
import type { BpfObject } from "../kernel/object.ts";
import { RingBuffer } from "../kernel/ring-buffer.ts";
import { readChunk, type Chunk } from "./chunk.ts";

const drainLimit = 8192;

/** The programs of bpf/syscalls.bpf.c in the kernel: give what observed processes read and write. They go with our process. */
export class SyscallTracer {
  private readonly object: LoadedObject;
  private readonly ring: RingBuffer;
  private lostBefore = 0;

  /** Throws when the kernel refuses, see kernel/bpf.ts. */
  constructor(definition: BpfObject) {
    this.object = new LoadedObject(definition);
    this.ring = new RingBuffer(this.object.map("events"), pageSize());
    const namespace = statSync("/proc/self/ns/pid", { bigint: true });
    const settings = Buffer.alloc(16);
    settings.writeBigUInt64LE(namespace.dev, 0);
    settings.writeBigUInt64LE(namespace.ino, 8);
    this.object.map("settings").set(Buffer.alloc(4), settings);
    this.object.attachTracepoint("sys_enter");
    this.object.attachTracepoint("sys_exit");
  }

  observe(pid: number): void {
    this.object.map("processes").set(keyOf(pid), keyOf(1));
  }

  forget(pid: number): void {
    this.object.map("processes").remove(keyOf(pid));
  }

  /** Gives the chunks since the last call, at most some thousands, in the order in which they were taken. */
  drain(take: (chunk: Chunk) => void): void {
    this.ring.drain((bytes) => {
      const chunk = readChunk(bytes);
      if (chunk !== undefined) take(chunk);
    }, drainLimit);
  }

  /** Chunks that did not fit into the ring buffer since the last call. */
  newlyLost(): number {
    const total = Number(this.object.map("lost").get(Buffer.alloc(4))?.readBigUInt64LE(0) ?? 0n);
    const lost = total - this.lostBefore;
    this.lostBefore = total;
    return lost;
  }
}

function keyOf(value: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(value);
  return key;
}
