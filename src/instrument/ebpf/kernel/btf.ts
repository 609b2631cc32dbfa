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

interface Type {
  readonly at: number;
  readonly kind: number;
  readonly members: number;
  /** Offsets of members hold the sizes of bit fields in their upper byte. */
  readonly withBits: boolean;
}

export class Btf {
  private readonly bytes: Buffer;
  private readonly types: readonly Type[];
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

  /** Offsets in bytes of members that are asked for as "task_struct.files". Throws when the kernel has one of them not, or as a bit field. */
  offsets(names: readonly string[]): readonly number[] {
    const wanted = new Map<string, readonly string[]>();
    for (const name of names) {
      const [owner = "", member = ""] = name.split(".");
      wanted.set(owner, [...(wanted.get(owner) ?? []), member]);
    }
    const found = new Map<string, number>();
    for (const type of this.types) {
      if (type.kind !== struct) continue;
      const owner = this.text(this.bytes.readUInt32LE(type.at));
      for (const member of wanted.get(owner) ?? []) {
        const bits = this.memberBits(type, member);
        if (bits !== undefined && bits % 8 === 0) found.set(`${owner}.${member}`, bits / 8);
      }
    }
    return names.map((name) => {
      const offset = found.get(name);
      if (offset === undefined) throw new Error(`the kernel's BTF has no "${name}"`);
      return offset;
    });
  }

  /** Also inside members without a name. */
  private memberBits(type: Type, wanted: string): number | undefined {
    for (let index = 0; index < type.members; index++) {
      const at = type.at + 12 + index * 12;
      const name = this.text(this.bytes.readUInt32LE(at));
      const offset = this.bytes.readUInt32LE(at + 8);
      const bits = type.withBits ? offset & 0xffffff : offset;
      if (name === wanted) return bits;
      // Types are counted from 1; 0 is void.
      const inner = name === "" ? this.types[this.bytes.readUInt32LE(at + 4) - 1] : undefined;
      if (inner?.kind !== struct && inner?.kind !== union) continue;
      const below = this.memberBits(inner, wanted);
      if (below !== undefined) return bits + below;
    }
    return undefined;
  }

  private text(offset: number): string {
    const start = this.strings + offset;
    return this.bytes.toString("latin1", start, this.bytes.indexOf(0, start));
  }
}

function typesIn(bytes: Buffer, start: number, end: number): readonly Type[] {
  const types: Type[] = [];
  for (let at = start; at + 12 <= end;) {
    const word = bytes.readUInt32LE(at + 4);
    const [kind, members] = [(word >>> 24) & 0x1f, word & 0xffff];
    types.push({ at, kind, members, withBits: word >>> 31 === 1 });
    const [fixed, each] = behind[kind] ?? [0, 0];
    at += 12 + fixed + each * members;
  }
  return types;
}
