import { instructionLength } from "./x64-length.ts";

/** How Go's compiler begins a function that uses the stack: it compares the stack pointer, or what it will be, with the goroutine's limit. */
const x64Starts = ["493b6610", "4c8d6424", "4c8da424", "4989e4"];
const arm64Start = 0xf9400b90;

/**
 * Whether code begins as a function does. A probe elsewhere would change the middle of an instruction and with it the program, so that a table that
 * was understood wrongly must not lead to one.
 */
export function isFunctionStart(code: Buffer, machine: "x64" | "arm64"): boolean {
  if (machine === "arm64") return code.length >= 4 && code.readUInt32LE(0) === arm64Start;
  const start = code.toString("hex", 0, 4);
  return x64Starts.some((prologue) => start.startsWith(prologue));
}

/** Instructions of the longest such beginning, and one more. */
const prologueLength = 6;

/**
 * Offset of the instruction at which the entry of a function is watched: on x86-64 the branch of the stack check, or the `push` behind it. Arguments
 * still are in their registers there, and the kernel carries out both itself (arch/x86/kernel/uprobes.c), while it must stop a second time after
 * any other instruction. Else, and on arm64, the first instruction.
 */
export function entrySite(code: Buffer, machine: "x64" | "arm64"): number {
  if (machine === "arm64") return 0;
  for (let at = 0, count = 0; count < prologueLength; count++) {
    const length = instructionLength(code, at);
    if (length === 0) return 0;
    const isBranch = (code[at]! & 0xf0) === 0x70 || (code[at] === 0x0f && (code[at + 1]! & 0xf0) === 0x80);
    if (isBranch) return code[at + length] === pushFramePointer ? at + length : at;
    at += length;
  }
  return 0;
}

const pushFramePointer = 0x55;
