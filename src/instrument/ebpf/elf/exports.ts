import { fileOffset, sectionBytes, textAt, type Elf } from "./elf.ts";

const dynamicSymbols = 11;
const symbolBytes = 24;

/** Where the functions of these names begin in the file, of those that it exports itself. */
export function exportsOf(elf: Elf, names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const table = elf.sections.find((section) => section.type === dynamicSymbols);
  const texts = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || texts === undefined) return found;
  const [entries, text] = [sectionBytes(elf, table), sectionBytes(elf, texts)];
  for (let at = 0; at + symbolBytes <= entries.length; at += symbolBytes) {
    const [section, value] = [entries.readUInt16LE(at + 6), entries.readBigUInt64LE(at + 8)];
    if (section === 0 || value === 0n) continue; // taken from another file
    const name = textAt(text, entries.readUInt32LE(at));
    const offset = names.has(name) ? fileOffset(elf, value) : undefined;
    if (offset !== undefined) found.set(name, offset);
  }
  return found;
}
