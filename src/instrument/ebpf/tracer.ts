/**
 * Traces Go programs: loads the programs of bpf/ into the kernel, has them run at instructions of the programs' files, and reads the
 * spans they make. Runs in a process of its own (tracer-main.ts); everything in the kernel belongs to that process and goes with it.
 */
import { statSync } from "node:fs";
import { messageOf } from "../../base/error.ts";
import { readGoBinary, type GoBinary } from "./go/binary.ts";
import { offsetBytes } from "./go/struct-offsets.ts";
import { LoadedObject } from "./kernel/bpf.ts";
import { pageSize } from "./kernel/native.ts";
import type { BpfObject } from "./kernel/object.ts";
import { RingBuffer } from "./kernel/ring-buffer.ts";
import { attachUprobe } from "./kernel/uprobe.ts";
import { tryToAttach } from "./trial.ts";
import { readRecord, type SpanRecord } from "./spans/record.ts";

/** Programs that check their own file in memory and end when something is changed there. */
const checksOwnFile = /^clickhouse|chdb/;
const drainLimit = 4096;

export type Watched =
  | { readonly kind: "watched"; readonly binary: GoBinary }
  | { readonly kind: "left-alone"; readonly reason: string };

export class Tracer {
  private readonly object: LoadedObject;
  private readonly ring: RingBuffer;
  /** By device and inode: a file is probed once, whatever its paths. */
  private readonly files = new Map<string, Watched>();
  private lostBefore = 0;

  /** Throws when the kernel refuses, see kernel/native.ts and kernel/bpf.ts. */
  constructor(definition: BpfObject) {
    this.object = new LoadedObject(definition);
    tryToAttach(this.object.program("server_start"));
    this.ring = new RingBuffer(this.object.map("events"), pageSize());
    const namespace = statSync("/proc/self/ns/pid", { bigint: true });
    const settings = Buffer.alloc(16);
    settings.writeBigUInt64LE(namespace.dev, 0);
    settings.writeBigUInt64LE(namespace.ino, 8);
    this.object.map("settings").set(Buffer.alloc(4), settings);
  }

  /** Watches a program's file, for every process that executes it; spans come only of those given to `trace`. Never throws. */
  watch(path: string, name: string): Watched {
    try {
      const { dev, ino } = statSync(path);
      const key = `${dev}:${ino}`;
      const known = this.files.get(key);
      if (known !== undefined) return known;
      const watched = this.attach(path, name);
      this.files.set(key, watched);
      return watched;
    } catch (error) {
      return { kind: "left-alone", reason: messageOf(error) };
    }
  }

  private attach(path: string, name: string): Watched {
    if (checksOwnFile.test(name)) {
      return { kind: "left-alone", reason: "it checks its own code and would end" };
    }
    const probes: { detach(): void }[] = [];
    try {
      const binary = readGoBinary(path);
      if (isToolchain(binary)) return { kind: "left-alone", reason: toolchain };
      for (const { program, offset } of binary.sites)
        probes.push(attachUprobe(this.object.program(program), path, offset));
      return { kind: "watched", binary };
    } catch (error) {
      for (const probe of probes) probe.detach();
      return { kind: "left-alone", reason: messageOf(error) };
    }
  }

  /** Takes the spans of a process that executes a watched file. */
  trace(pid: number, { build }: GoBinary): void {
    this.object.map("processes").set(processKey(pid), offsetBytes(build));
  }

  forget(pid: number): void {
    this.object.map("processes").remove(processKey(pid));
  }

  /** The spans that have ended since the last call, at most some thousands. */
  drain(): readonly SpanRecord[] {
    const records: SpanRecord[] = [];
    this.ring.drain((bytes) => {
      const record = readRecord(bytes);
      if (record !== undefined) records.push(record);
    }, drainLimit);
    return records;
  }

  /** Spans that did not fit into the ring buffer since the last call. */
  newlyLost(): number {
    const total = Number(this.object.map("lost").get(Buffer.alloc(4))?.readBigUInt64LE(0) ?? 0n);
    const lost = total - this.lostBefore;
    this.lostBefore = total;
    return lost;
  }
}

/** Why compilers and linkers are left alone: nobody asks for a line about them. */
export const toolchain = "it belongs to the Go tool chain";

function isToolchain({ build }: GoBinary): boolean {
  return build.mainPackage.startsWith("cmd/");
}

function processKey(pid: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(pid);
  return key;
}
