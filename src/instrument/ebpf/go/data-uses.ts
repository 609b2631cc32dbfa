/** What machine code does with variables, whose addresses it reckons from where it stands itself. */
import { distanceAt, instructionLength } from "./x64-length.ts";

/** Told in the order of the code. Addresses are those before relocation. */
export interface DataUses {
  /** A variable, or a word of it, is read or written, or its address is taken. */
  used?(address: bigint): void;
  /** The first argument of what is called next is the address of a variable. */
  given?(address: bigint): void;
  /** A function is called directly. */
  called?(address: bigint): void;
}

/** `code` stands at `address`. Ends early where an x86-64 instruction is unknown. */
export function dataUses(machine: "x64" | "arm64", code: Buffer, address: bigint, uses: DataUses): void {
  if (machine === "x64") x64Uses(code, address, uses);
  else arm64Uses(code, address, uses);
}

/** lea into register AX. */
const leaAx = 0x058d48;
const x64Call = 0xe8;

function x64Uses(code: Buffer, address: bigint, uses: DataUses): void {
  for (let at = 0; at < code.length;) {
    const length = instructionLength(code, at);
    if (length === 0) return;
    const next = at + length;
    const distance = distanceAt(code, at);
    if (distance !== undefined) {
      const target = address + BigInt(next + code.readInt32LE(distance));
      uses.used?.(target);
      if (code.readUIntLE(at, 3) === leaAx) uses.given?.(target);
    } else if (code[at] === x64Call) uses.called?.(address + BigInt(next + code.readInt32LE(at + 1)));
    at = next;
  }
}

const pageBytes = 4096;

/** Addresses take two instructions: one puts the page into a register (adrp), the next adds to it, or reads or writes there. */
function arm64Uses(code: Buffer, address: bigint, uses: DataUses): void {
  /** What is known of registers, counted from `address`. */
  const known = new Map<number, number>();
  const start = Number(address % BigInt(pageBytes));
  const use = (offset: number): void => uses.used?.(address + BigInt(offset));
  for (let at = 0; at + 4 <= code.length; at += 4) {
    const word = code.readUInt32LE(at);
    const [first, base] = [word & 31, known.get((word >>> 5) & 31)];
    if (isForm(word, 0x9f000000, 0x90000000)) {
      const pages = signed((((word >>> 5) & 0x7ffff) << 2) | ((word >>> 29) & 3), 21);
      known.set(first, at - ((start + at) % pageBytes) + pages * pageBytes);
    } else if (isForm(word, 0xfc000000, 0x94000000)) {
      uses.called?.(address + BigInt(at + signed(word & 0x3ffffff, 26) * 4));
      known.clear();
    } else if (base !== undefined && isForm(word, 0xffc00000, 0x91000000)) {
      const target = base + ((word >>> 10) & 0xfff);
      use(target);
      if (first === 0) uses.given?.(address + BigInt(target));
      known.set(first, target);
    } else {
      if (base !== undefined && isForm(word, 0x3f000000, 0x39000000)) {
        use(base + ((word >>> 10) & 0xfff) * 2 ** (word >>> 30));
      }
      // A pair of words.
      if (base !== undefined && isForm(word, 0xff800000, 0xa9000000)) {
        const target = base + signed((word >>> 15) & 0x7f, 7) * 8;
        use(target);
        use(target + 8);
      }
      known.delete(first);
    }
  }
}

function isForm(word: number, mask: number, form: number): boolean {
  return (word & mask) >>> 0 === form;
}

function signed(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}
