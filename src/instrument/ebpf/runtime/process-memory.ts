import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** Number of the entry point in the auxiliary vector (getauxval(3)). */
const entryPoint = 9n;

/**
 * The memory of a process as it is now: when it executes something else, or another process gets its number, nothing can be read any more.
 * The process does not notice, and does not wait.
 */
export class ProcessMemory {
  private handle: number | undefined;
  /** What a relocated program's addresses are moved by. */
  private readonly moved: bigint;

  /** `entry`: address of its first instruction before relocation. Throws the system's errors. */
  constructor(pid: number, entry: bigint) {
    this.handle = openSync(`/proc/${pid}/mem`, "r");
    try {
      this.moved = entryOf(readFileSync(`/proc/${pid}/auxv`)) - entry;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The bytes of a variable at an address before relocation; undefined when they are not there. */
  variable(address: bigint, size: number): Buffer | undefined {
    return this.at(address + this.moved, size);
  }

  /** The bytes where a pointer of the process points to. */
  at(address: bigint, size: number): Buffer | undefined {
    if (this.handle === undefined || address <= 0n || address >= 1n << 56n) return undefined;
    const bytes = Buffer.alloc(size);
    try {
      return readSync(this.handle, bytes, 0, size, address) === size ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}

function entryOf(vector: Buffer): bigint {
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === entryPoint) return vector.readBigUInt64LE(at + 8);
  }
  throw new Error("it has no entry point");
}
