/**
 * Where the running kernel's structures have their members, from its BTF (Documentation/bpf/btf.rst). Only structures and unions are read; the
 * other kinds are stepped over.
 */
const magic = 0xeb9f;
const [struct, union] = [4, 5];
/** Bytes behind a type's head, by its kind: of all, and of each of its members. */
const behind: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};

/** A structure has some hundred of the kernel's hundred thousand types in it, so types are numbers and names are compared where they lie. */
export class Btf {
  private readonly bytes: Buffer;
  /** Where each type begins, the first first. */
  private readonly types: Uint32Array;
  private readonly strings: number;

  /** Throws when the bytes are no BTF. */
  constructor(bytes: Buffer) {
    if (bytes.length < 24 || bytes.readUInt16LE(0) !== magic) throw new Error("not BTF");
    this.bytes = bytes;
    const head = bytes.readUInt32LE(4);
    const start = head + bytes.readUInt32LE(8);
    this.strings = head + bytes.readUInt32LE(16);
    this.types = typesIn(bytes, start, start + bytes.readUInt32LE(12));
  }

  /** Offsets in bytes of members that are asked for as "task_struct.files"; not of those that the kernel has not, or as bit fields. */
  find(names: readonly string[]): ReadonlyMap<string, number> {
    const wanted = new Map<number, { readonly name: string; readonly member: number }[]>();
    for (const name of names) {
      const [owner, member] = name.split(".").map((text) => this.textOffset(text));
      if (owner === undefined || member === undefined) continue;
      wanted.set(owner, [...(wanted.get(owner) ?? []), { name, member }]);
    }
    const found = new Map<string, number>();
    for (const at of this.types) {
      const members = this.kindAt(at) === struct ? wanted.get(this.bytes.readUInt32LE(at)) : undefined;
      for (const { name, member } of members ?? []) {
        const bits = this.memberBits(at, member);
        if (bits !== undefined && bits % 8 === 0) found.set(name, bits / 8);
      }
    }
    return found;
  }

  /** Of the type at `at`, also inside members without a name. */
  private memberBits(at: number, wanted: number): number | undefined {
    const word = this.bytes.readUInt32LE(at + 4);
    // Offsets of members hold the sizes of bit fields in their upper byte.
    const withBits = word >>> 31 === 1;
    for (let index = 0; index < (word & 0xffff); index++) {
      const member = at + 12 + index * 12;
      const name = this.bytes.readUInt32LE(member);
      const offset = this.bytes.readUInt32LE(member + 8);
      const bits = withBits ? offset & 0xffffff : offset;
      if (name === wanted) return bits;
      // Types are counted from 1; 0 is void.
      const inner = name === 0 ? this.types[this.bytes.readUInt32LE(member + 4) - 1] : undefined;
      if (inner === undefined) continue;
      const kind = this.kindAt(inner);
      const below = kind === struct || kind === union ? this.memberBits(inner, wanted) : undefined;
      if (below !== undefined) return bits + below;
    }
    return undefined;
  }

  private kindAt(at: number): number {
    return (this.bytes.readUInt32LE(at + 4) >>> 24) & 0x1f;
  }

  /** Each text is there once. */
  private textOffset(text: string): number | undefined {
    const found = this.bytes.indexOf(`\0${text}\0`, this.strings, "latin1");
    return found === -1 ? undefined : found + 1 - this.strings;
  }
}

function typesIn(bytes: Buffer, start: number, end: number): Uint32Array {
  const types = new Uint32Array(Math.floor((end - start) / 12));
  let count = 0;
  for (let at = start; at + 12 <= end;) {
    const word = bytes.readUInt32LE(at + 4);
    types[count++] = at;
    const [fixed, each] = behind[(word >>> 24) & 0x1f] ?? [0, 0];
    at += 12 + fixed + each * (word & 0xffff);
  }
  return types.subarray(0, count);
}
