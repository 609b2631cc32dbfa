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

/** The table that the runtime itself needs for stack traces (runtime/symtab.go, pcHeader): all functions in the order of their addresses. */
export interface FunctionTable {
  readonly count: number;
  /** Counted from `text`. */
  startOf(index: number): number;
  nameOf(index: number): string;
  readonly text: bigint;
}

/** It is there in stripped and position-independent programs too. Throws when there is none or its form is unknown. */
export function readFunctionTable(elf: Elf): FunctionTable {
  const { table, address } = locateTable(elf);
  if (table.length < 72 || !magics.has(table.readUInt32LE(0)) || table[7] !== 8) {
    throw new Error("the form of its function table is unknown");
  }
  const word = (index: number): number => Number(table.readBigUInt64LE(8 + index * 8));
  const count = word(0);
  const nameTable = table.subarray(word(3));
  const functions = table.subarray(word(7));
  if (functions.length < count * entryBytes + 4) throw new Error("its function table is cut");
  return {
    count,
    text: textStart(elf, BigInt(word(2)), address),
    startOf: (index) => functions.readUInt32LE(index * entryBytes),
    nameOf: (index) =>
      textAt(nameTable, functions.readInt32LE(functions.readUInt32LE(index * entryBytes + 4) + 4)),
  };
}

/** The function at `index`. */
export function functionAt(table: FunctionTable, index: number): GoFunction {
  const start = table.startOf(index);
  const size = table.startOf(index + 1) - start;
  return { name: table.nameOf(index), address: table.text + BigInt(start), size };
}

/** The index of the function that begins `offset` bytes behind the text's start or is the last before. */
export function functionIndex(table: FunctionTable, offset: number): number {
  let [low, high] = [0, table.count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (table.startOf(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Finds functions by name: those of `names`, and those whose names begin with one of `prefixes`. Names that are not there, or were inlined everywhere, are left out. */
export function findFunctions(
  table: FunctionTable,
  names: ReadonlySet<string>,
  prefixes: readonly string[] = [],
): ReadonlyMap<string, GoFunction> {
  const found = new Map<string, GoFunction>();
  for (let index = 0; index < table.count && (prefixes.length > 0 || found.size < names.size); index++) {
    const name = table.nameOf(index);
    // What assembly calls comes again, behind its package, as a wrapper of the same name.
    if (found.has(name)) continue;
    if (names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)))
      found.set(name, functionAt(table, index));
  }
  return found;
}

/** The table and its address. A C linker puts that of position-independent programs among other data: there it begins with its magic number. */
function locateTable(elf: Elf): { readonly table: Buffer; readonly address: bigint } {
  for (const name of [".gopclntab", ".data.rel.ro.gopclntab"]) {
    const section = sectionNamed(elf, name);
    if (section !== undefined) return { table: sectionBytes(elf, section), address: section.address };
  }
  const section = sectionNamed(elf, ".data.rel.ro");
  const data = section === undefined ? Buffer.alloc(0) : sectionBytes(elf, section);
  for (const magic of magics) {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(magic, 0);
    head[6] = elf.machine === arm64 ? 4 : 1;
    head[7] = 8;
    const at = data.indexOf(head);
    if (section !== undefined && at !== -1) {
      return { table: data.subarray(at), address: section.address + BigInt(at) };
    }
  }
  throw new Error("it has no function table");
}

const arm64 = 183;
/** Where runtime.moduledata (runtime/symtab.go) has the address of the table and the beginning of Go's code, counted in words. */
const [tableWord, textWord] = [0, 22];

/**
 * The address from which the table counts: in the table itself up to Go 1.25, in the module's data since. Not where section ".text" begins:
 * a C linker puts code of its own there first.
 */
function textStart(elf: Elf, written: bigint, table: bigint): bigint {
  if (written !== 0n) return written;
  const section = sectionNamed(elf, ".go.module");
  const module = section === undefined ? Buffer.alloc(0) : sectionBytes(elf, section);
  if (module.length < (textWord + 1) * 8 || module.readBigUInt64LE(tableWord * 8) !== table) {
    throw new Error("the beginning of its code is not known");
  }
  return module.readBigUInt64LE(textWord * 8);
}
