import { closeSync, openSync, readSync } from "node:fs";

const maxSections = 1000;
const maxNames = 1 << 20;

/** True for an ELF executable that the Go tool chain linked: it has a section ".go.buildinfo" (also when it is stripped). */
export function isGoBinary(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch {
    return false;
  }
  try {
    return sectionNames(handle).includes("\0.go.buildinfo\0");
  } catch {
    return false; // shorter than its own headers say
  } finally {
    closeSync(handle);
  }
}

/** The section name table of a little-endian 64-bit ELF file, names separated by NUL; '' for anything else. */
function sectionNames(handle: number): string {
  const header = read(handle, 0, 64);
  const isElf64 =
    header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!isElf64) return "";
  const tableOffset = Number(header.readBigUInt64LE(0x28));
  const entrySize = header.readUInt16LE(0x3a);
  const count = header.readUInt16LE(0x3c);
  const nameIndex = header.readUInt16LE(0x3e);
  if (count === 0 || count > maxSections || nameIndex >= count || entrySize < 64) return "";
  const entry = read(handle, tableOffset + nameIndex * entrySize, 64);
  if (entry.length < 64) return "";
  const offset = Number(entry.readBigUInt64LE(0x18));
  const size = Math.min(Number(entry.readBigUInt64LE(0x20)), maxNames);
  return read(handle, offset, size).toString("latin1");
}

function read(handle: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(handle, buffer, 0, bytes, at));
}
