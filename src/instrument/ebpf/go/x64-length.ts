/**
 * Lengths of x86-64 instructions (Intel's manual, volume 2, appendix A), enough to walk code that a compiler made: which bytes
 * follow an opcode, not what it does.
 */

/**
 * What follows each opcode: "." nothing, "m" ModRM, "b" one byte, "w" two, "z" four (two after a 66 prefix), "j" four, "v" as z but eight after REX.W,
 * "M" ModRM and one byte, "Z" ModRM and z, "F" and "G" as "M" and "Z" for two of eight forms and else ModRM, "e" three, "o" an address;
 * "p" is a prefix, "r" a REX prefix, "0" "V" "W" "E" begin other tables, "x" does not exist in 64-bit code.
 */
const oneByte = [
  "mmmmbzxxmmmmbzx0",
  "mmmmbzxxmmmmbzxx",
  "mmmmbzpxmmmmbzpx",
  "mmmmbzpxmmmmbzpx",
  "rrrrrrrrrrrrrrrr",
  "................",
  "xxEmppppzZbM....",
  "bbbbbbbbbbbbbbbb",
  "MZxMmmmmmmmmmmmm",
  "..........x.....",
  "oooo....bz......",
  "bbbbbbbbvvvvvvvv",
  "MMw.WVMZe.w..bx.",
  "mmmmxxx.mmmmmmmm",
  "bbbbbbbbjjxb....",
  "p.pp..FG......mm",
].join("");

/** After 0F; "2" and "3" begin the tables 0F 38 and 0F 3A. */
const twoByte = [
  "mmmmx.....x.xm.M",
  "mmmmmmmmmmmmmmmm",
  "mmmmxxxxmmmmmmmm",
  "......x.2x3xxxxx",
  "mmmmmmmmmmmmmmmm",
  "mmmmmmmmmmmmmmmm",
  "mmmmmmmmmmmmmmmm",
  "MMMMmmm.mmmmmmmm",
  "jjjjjjjjjjjjjjjj",
  "mmmmmmmmmmmmmmmm",
  "...mMmxx...mMmmm",
  "mmmmmmmmmmMmmmmm",
  "mmMmMMMm........",
  "mmmmmmmmmmmmmmmm",
  "mmmmmmmmmmmmmmmm",
  "mmmmmmmmmmmmmmmm",
].join("");

const maxLength = 15;

/** Bytes that the instruction at `start` takes; 0 when it is none that this table knows or it is cut. */
export function instructionLength(code: Uint8Array, start: number): number {
  const { form, at, prefixes } = opcodeAt(code, start);
  const end = at + operandBytes(form, code, at, prefixes);
  return form === "x" || end > code.length || end - start > maxLength ? 0 : end - start;
}

/** Where the instruction at `start` has the distance to what it works on, four bytes, counted from its end; undefined when it names no address so. */
export function distanceAt(code: Uint8Array, start: number): number | undefined {
  const { form, at } = opcodeAt(code, start);
  return "mMZFG".includes(form) && ((code[at] ?? 0) & 0xc7) === 5 ? at + 1 : undefined;
}

interface Opcode {
  /** What follows it, as in the tables. */
  readonly form: string;
  /** Where that begins. */
  readonly at: number;
  readonly prefixes: Prefixes;
}

function opcodeAt(code: Uint8Array, start: number): Opcode {
  let at = start;
  let [narrow, wide, shortAddress] = [false, false, false];
  let form = oneByte[code[at++] ?? 0x06]!;
  while (form === "p" || form === "r") {
    const prefix = code[at - 1]!;
    narrow ||= prefix === 0x66;
    shortAddress ||= prefix === 0x67;
    // REX counts only directly before the opcode.
    wide = form === "r" && (prefix & 8) !== 0;
    form = at - start >= maxLength ? "x" : oneByte[code[at++] ?? 0x06]!;
  }
  if (form === "0") {
    form = twoByte[code[at++] ?? 0x04]!;
    if (form === "2" || form === "3") {
      form = form === "2" ? "m" : "M";
      at++;
    }
  } else if (form === "V" || form === "W" || form === "E") {
    // VEX and EVEX prefixes: two, three or four bytes, the opcode's table in the second one.
    const table = form === "V" ? 1 : (code[at] ?? 0) & (form === "W" ? 0x1f : 7);
    at += form === "V" ? 1 : form === "W" ? 2 : 3;
    form = vectorForm(table, code[at++] ?? 0);
  }
  return { form, at, prefixes: { narrow, wide, shortAddress } };
}

function vectorForm(table: number, opcode: number): string {
  if (table === 2) return "m";
  if (table === 3) return "M";
  return table === 1 ? twoByte[opcode]! : "x";
}

interface Prefixes {
  readonly narrow: boolean;
  readonly wide: boolean;
  readonly shortAddress: boolean;
}

function operandBytes(form: string, code: Uint8Array, at: number, prefixes: Prefixes): number {
  const z = prefixes.narrow ? 2 : 4;
  switch (form) {
    case "m":
      return modRmBytes(code, at);
    case "M":
      return modRmBytes(code, at) + 1;
    case "Z":
      return modRmBytes(code, at) + z;
    case "F":
    case "G": {
      const tests = ((code[at] ?? 0) & 0x30) === 0;
      return modRmBytes(code, at) + (tests ? (form === "F" ? 1 : z) : 0);
    }
    case "b":
      return 1;
    case "w":
      return 2;
    case "e":
      return 3;
    case "z":
      return z;
    case "j":
      return 4;
    case "v":
      return prefixes.wide ? 8 : z;
    case "o":
      return prefixes.shortAddress ? 4 : 8;
    default:
      return 0;
  }
}

/** ModRM, the SIB byte and the displacement. */
function modRmBytes(code: Uint8Array, at: number): number {
  const byte = code[at] ?? 0;
  const [mode, base] = [byte >> 6, byte & 7];
  if (mode === 3) return 1;
  const scaled = base === 4;
  const noBase = mode === 0 && (scaled ? ((code[at + 1] ?? 0) & 7) === 5 : base === 5);
  const displacement = noBase || mode === 2 ? 4 : mode;
  return 1 + (scaled ? 1 : 0) + displacement;
}
