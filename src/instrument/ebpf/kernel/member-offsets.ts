import { readFileSync } from "node:fs";
import { Btf } from "./btf.ts";

/** Of tasks: what the tracing of Go programs asks for (propagation.ts). */
export const taskMembers = ["task_struct.real_parent", "task_struct.tgid"] as const;

/** Offsets in bytes of members of structures, "task_struct.files". Those that were asked for once are remembered, and the BTF is not: it has megabytes. */
export class MemberOffsets {
  private readonly readBtf: () => Buffer;
  /** Undefined: it has it not, or there is no BTF. */
  private readonly known = new Map<string, number | undefined>();

  /** `readBtf` may throw when there is none. */
  constructor(readBtf: () => Buffer) {
    this.readBtf = readBtf;
  }

  /** Reads at once what will be asked for one after the other: each reading takes some 20 ms. */
  prepare(names: readonly string[]): void {
    const missing = names.filter((name) => !this.known.has(name));
    if (missing.length === 0) return;
    const found = this.read(missing);
    for (const name of missing) this.known.set(name, found.get(name));
  }

  /** Undefined when one of them is not known. */
  of(names: readonly string[]): readonly number[] | undefined {
    this.prepare(names);
    const offsets = names.flatMap((name) => this.known.get(name) ?? []);
    return offsets.length === names.length ? offsets : undefined;
  }

  private read(names: readonly string[]): ReadonlyMap<string, number> {
    try {
      return new Btf(this.readBtf()).find(names);
    } catch {
      return new Map();
    }
  }
}

/** Of the running kernel. */
export const kernelMembers: MemberOffsets = new MemberOffsets(() => readFileSync("/sys/kernel/btf/vmlinux"));
