import { sectionBytes, sectionNamed, textAt, type Elf } from "../elf/elf.ts";

export interface GoFunction {
  readonly name: string;
  /** Address before relocation. */
  readonly address: bigint;
  /** Up to the next function, with the padding between. */
  readonly size: number;
}

/** Magic numbers of Go 1.18 and of Go 1.20 and newer; both lay the table out alike. */
const magics = new Set([0xfffffff0, 0xfffffff1]);
const entryBytes = 8;

/**
 * Finds functions by name in the table that the runtime itself needs for stack traces (runtime/symtab.go, pcHeader), which is there
 * in stripped and position-independent programs too. Names that are not there, or were inlined everywhere, are left out.
 * Throws when there is no table or its form is unknown.
 */
export function findFunctions(elf: Elf, names: ReadonlySet<string>): ReadonlyMap<string, GoFunction> {
  const section = [".gopclntab", ".data.rel.ro.gopclntab"].flatMap(
    (name) => sectionNamed(elf, name) ?? [],
  )[0];
  if (section === undefined) throw new Error("it has no function table");
  const table = sectionBytes(elf, section);
  if (table.length < 72 || !magics.has(table.readUInt32LE(0)) || table[7] !== 8) {
    throw new Error("the form of its function table is unknown");
  }
  const word = (index: number): number => Number(table.readBigUInt64LE(8 + index * 8));
  const count = word(0);
  const nameTable = table.subarray(word(3));
  const functions = table.subarray(word(7));
  if (functions.length < count * entryBytes + 4) throw new Error("its function table is cut");
  const text = textStart(elf, BigInt(word(2)));
  const found = new Map<string, GoFunction>();
  for (let index = 0; index < count && found.size < names.size; index++) {
    const at = index * entryBytes;
    const start = functions.readUInt32LE(at);
    const name = textAt(nameTable, functions.readInt32LE(functions.readUInt32LE(at + 4) + 4));
    if (!names.has(name)) continue;
    const size = functions.readUInt32LE(at + entryBytes) - start;
    found.set(name, { name, address: text + BigInt(start), size });
  }
  return found;
}

/** Addresses count from here. Position-independent programs and newer linkers leave it to relocation: then it is where the code begins. */
function textStart(elf: Elf, written: bigint): bigint {
  const section = sectionNamed(elf, ".text");
  return written !== 0n || section === undefined ? written : section.address;
}
