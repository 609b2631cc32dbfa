/**
 * Where a call that a function makes can be watched cheaply on x86-64. A `ret` cannot: the kernel carries out branches, calls and `push` itself
 * (arch/x86/kernel/uprobes.c) but must stop a second time after any other instruction, which in a virtual machine takes some twenty times as long.
 */
import { instructionLength } from "./x64-length.ts";

/** General registers by their number in instructions. */
export const registerNumbers = { ax: 0, cx: 1, dx: 2, bx: 3, si: 6, di: 7 } as const;
export type Register = keyof typeof registerNumbers;

const callLength = 5;
const goroutineRegister = 14;

/** Offsets of the direct calls of `target` in the code that stands at `address`, ascending. */
export function callSites(code: Buffer, address: bigint, target: bigint): readonly number[] {
  const sites: number[] = [];
  for (let at = 0; at + callLength <= code.length;) {
    const length = instructionLength(code, at);
    if (length === 0) return [];
    const isCall = code[at] === 0xe8 && length === callLength;
    if (isCall && address + BigInt(at + callLength + code.readInt32LE(at + 1)) === target) sites.push(at);
    at += length;
  }
  return sites;
}

/**
 * The first branch or call behind the call at `call`, which runs whenever the call has returned: results in `kept` still are in their registers there.
 * Undefined when the code ends its straight way before, or one of the registers may have changed.
 */
export function branchAfter(code: Buffer, call: number, kept: readonly Register[]): number | undefined {
  const needed = new Set<number>([goroutineRegister, ...kept.map((name) => registerNumbers[name])]);
  for (let at = call + callLength; at < code.length;) {
    const length = instructionLength(code, at);
    if (length === 0 || leaves(code, at)) return undefined;
    if (isCarriedOut(code, at)) return at;
    const changed = changedRegister(code, at);
    if (kept.length > 0 && (changed === "unknown" || (changed !== undefined && needed.has(changed)))) {
      return undefined;
    }
    at += length;
  }
  return undefined;
}

/** Direct calls, jumps and branches. */
function isCarriedOut(code: Buffer, at: number): boolean {
  const first = code[at]!;
  if (first === 0xe8 || first === 0xe9 || first === 0xeb || (first & 0xf0) === 0x70) return true;
  return first === 0x0f && (code[at + 1]! & 0xf0) === 0x80;
}

/** Returns, calls and jumps through a register or memory, traps. */
function leaves(code: Buffer, start: number): boolean {
  const at = (code[start]! & 0xf0) === 0x40 ? start + 1 : start;
  const [first, second] = [code[at]!, code[at + 1] ?? 0];
  if (first === 0xc3 || first === 0xc2 || first === 0xcc) return true;
  if (first === 0x0f) return second === 0x0b;
  const form = (second >> 3) & 7;
  return first === 0xff && form >= 2 && form <= 5;
}

/** The general register that an instruction writes; undefined for none. */
function changedRegister(code: Buffer, start: number): number | "unknown" | undefined {
  let at = start;
  while (code[at] === 0x66 || code[at] === 0xf2 || code[at] === 0xf3) at++;
  const rex = (code[at]! & 0xf0) === 0x40 ? code[at++]! : 0;
  const wide = code[at] === 0x0f;
  const opcode = wide ? code[at + 1]! : code[at]!;
  const modRm = code[at + (wide ? 2 : 1)] ?? 0;
  const form = (modRm >> 3) & 7;
  const inRegister = form | ((rex & 4) << 1);
  const inOperand = modRm >> 6 === 3 ? (modRm & 7) | ((rex & 1) << 3) : undefined;
  if (wide) {
    if (opcode === 0x1f) return undefined;
    return [0xb6, 0xb7, 0xbe, 0xbf].includes(opcode) ? inRegister : "unknown";
  }
  switch (opcode) {
    // nop, test, cmp
    case 0x90:
    case 0x84:
    case 0x85:
    case 0x38:
    case 0x39:
    case 0x3a:
    case 0x3b:
      return undefined;
    // mov, lea, movsxd, xor into a register
    case 0x8a:
    case 0x8b:
    case 0x8d:
    case 0x63:
    case 0x33:
      return inRegister;
    // mov, xor into an operand
    case 0x88:
    case 0x89:
    case 0xc6:
    case 0xc7:
    case 0x31:
      return inOperand;
    // arithmetic with a constant, of which cmp writes nothing
    case 0x80:
    case 0x81:
    case 0x83:
      return form === 7 ? undefined : inOperand;
    default:
      return opcode >= 0xb8 && opcode <= 0xbf ? (opcode & 7) | ((rex & 1) << 3) : "unknown";
  }
}
