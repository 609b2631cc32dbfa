import { readFileSync } from "node:fs";
import { Btf } from "./btf.ts";

/** Offsets in bytes of members of the running kernel's structures, "task_struct.files"; undefined when it does not say them all. */
export function memberOffsets(names: readonly string[]): readonly number[] | undefined {
  try {
    return new Btf(readFileSync("/sys/kernel/btf/vmlinux")).offsets(names);
  } catch {
    return undefined;
  }
}
