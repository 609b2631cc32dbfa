/**
 * Reads 64-bit little-endian ELF files: sections, loadable segments, symbols. Built objects of bpf/ come from memory, programs
 * from disk, of which only the asked-for parts are read.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  /** Index of the section that this one speaks about (relocations) or uses (symbols -> names). */
  readonly link: number;
  readonly about: number;
}

export interface Segment {
  readonly executable: boolean;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly section: number;
}

export interface Elf {
  /** e_machine: 62 x86-64, 183 arm64, 247 BPF. */
  readonly machine: number;
  /** Whether it is loaded at an address that its file does not say (ET_DYN). */
  readonly isRelocated: boolean;
  /** Address of its first instruction, before relocation. */
  readonly entry: bigint;
  readonly sections: readonly Section[];
  readonly segments: readonly Segment[];
  /** A copy of `size` bytes at a file offset; fewer where the file ends. */
  bytes(offset: number, size: number): Buffer;
}

const symbolTable = 2;
const noBits = 8;
const loadable = 1;
/** No section that is read here comes near; a larger one is a broken header. */
const maxBytes = 1 << 30;

/** Opens a file, gives it to `use`, and closes it. Throws what `use` throws, the system's errors, and for files that are no such ELF. */
export function withElfFile<T>(file: string, use: (elf: Elf) => T): T {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    return use(
      parseElf((offset, wanted) => {
        const buffer = Buffer.alloc(Math.max(0, Math.min(wanted, size - offset)));
        return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, offset));
      }),
    );
  } finally {
    closeSync(handle);
  }
}

export function elfOf(file: Buffer): Elf {
  return parseElf((offset, size) => file.subarray(offset, offset + size));
}

function parseElf(readAt: (offset: number, size: number) => Buffer): Elf {
  const bytes = (offset: number, size: number): Buffer => {
    if (offset < 0 || size < 0 || size > maxBytes) throw new Error("its headers point outside of the file");
    return readAt(offset, size);
  };
  const head = bytes(0, 64);
  const is64 = head.length === 64 && head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1;
  if (!is64) throw new Error("it is no 64-bit little-endian ELF file");
  return {
    machine: head.readUInt16LE(18),
    isRelocated: head.readUInt16LE(16) === 3,
    entry: head.readBigUInt64LE(24),
    segments: readSegments(bytes, head),
    sections: readSections(bytes, head),
    bytes,
  };
}

type ReadBytes = (offset: number, size: number) => Buffer;

function readSegments(bytes: ReadBytes, head: Buffer): readonly Segment[] {
  const [start, size, count] = [
    Number(head.readBigUInt64LE(32)),
    head.readUInt16LE(54),
    head.readUInt16LE(56),
  ];
  const table = bytes(start, size * count);
  return Array.from({ length: count }, (_, index) => table.subarray(index * size, (index + 1) * size))
    .filter((entry) => entry.length >= 56 && entry.readUInt32LE(0) === loadable)
    .map((entry) => ({
      executable: (entry.readUInt32LE(4) & 1) === 1,
      offset: Number(entry.readBigUInt64LE(8)),
      address: entry.readBigUInt64LE(16),
      size: Number(entry.readBigUInt64LE(32)),
    }));
}

function readSections(bytes: ReadBytes, head: Buffer): readonly Section[] {
  const [start, size, count] = [
    Number(head.readBigUInt64LE(40)),
    head.readUInt16LE(58),
    head.readUInt16LE(60),
  ];
  const table = bytes(start, size * count);
  const raw = Array.from({ length: count }, (_, index) => table.subarray(index * size, (index + 1) * size))
    .filter((entry) => entry.length >= 64)
    .map((entry) => ({
      nameAt: entry.readUInt32LE(0),
      type: entry.readUInt32LE(4),
      address: entry.readBigUInt64LE(16),
      offset: Number(entry.readBigUInt64LE(24)),
      size: Number(entry.readBigUInt64LE(32)),
      link: entry.readUInt32LE(40),
      about: entry.readUInt32LE(44),
    }));
  const names = raw[head.readUInt16LE(62)];
  const text = names === undefined ? Buffer.alloc(0) : bytes(names.offset, names.size);
  return raw.map(({ nameAt, ...section }) => ({ name: textAt(text, nameAt), ...section }));
}

export function sectionNamed(elf: Elf, name: string): Section | undefined {
  return elf.sections.find((section) => section.name === name);
}

export function sectionBytes(elf: Elf, section: Section): Buffer {
  return section.type === noBits ? Buffer.alloc(0) : elf.bytes(section.offset, section.size);
}

/** The symbols of an object in the order of its table, by which relocations count. Empty when it was stripped. */
export function symbolsOf(elf: Elf): readonly ElfSymbol[] {
  const table = elf.sections.find((section) => section.type === symbolTable);
  const names = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || names === undefined) return [];
  const [entries, text] = [sectionBytes(elf, table), sectionBytes(elf, names)];
  return Array.from({ length: Math.floor(entries.length / 24) }, (_, index) => ({
    name: textAt(text, entries.readUInt32LE(index * 24)),
    section: entries.readUInt16LE(index * 24 + 6),
    value: entries.readBigUInt64LE(index * 24 + 8),
  }));
}

/** The addresses of those symbols among `names` that the object has; of a stripped one none. For tables of any size: nothing is made of the others. */
export function addressesOf(elf: Elf, names: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  const table = elf.sections.find((section) => section.type === symbolTable);
  const texts = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || texts === undefined) return found;
  const [entries, text] = [sectionBytes(elf, table), sectionBytes(elf, texts)];
  const wanted = new Map<number, string>();
  for (const name of names) {
    const at = text.indexOf(`\0${name}\0`);
    if (at !== -1) wanted.set(at + 1, name);
  }
  for (let at = 0; at + 24 <= entries.length && found.size < wanted.size; at += 24) {
    const name = wanted.get(entries.readUInt32LE(at));
    if (name !== undefined) found.set(name, entries.readBigUInt64LE(at + 8));
  }
  return found;
}

/** Where an address of the running program, before relocation, lies in the file; undefined outside of the loadable segments. */
export function fileOffset(elf: Elf, address: bigint): number | undefined {
  const segment = elf.segments.find(
    (each) => address >= each.address && address < each.address + BigInt(each.size),
  );
  return segment === undefined ? undefined : segment.offset + Number(address - segment.address);
}

/** The text that ends with NUL at `start`. */
export function textAt(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString("utf8", start, end === -1 ? bytes.length : end);
}
