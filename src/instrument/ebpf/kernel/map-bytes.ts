/** Keys and values of maps, as the programs of bpf/ have them. */
import { statSync } from "node:fs";

/** A u32. */
export function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** `struct namespace` of bpf/namespace.h: our own. */
export function ownNamespace(): Buffer {
  const { dev, ino } = statSync("/proc/self/ns/pid", { bigint: true });
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(dev, 0);
  bytes.writeBigUInt64LE(ino, 8);
  return bytes;
}
