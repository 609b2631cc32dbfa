import { elfOf, sectionBytes, sectionNamed, symbolsOf, textAt, type Elf } from "../elf/elf.ts";

/** `struct map` of bpf/kernel.h. */
export interface MapDefinition {
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
}

export type ProgramPlace = "probe" | "tracepoint" | "sockops" | "sk_msg";

export interface ProgramDefinition {
  /** Of a tracepoint's program: the tracepoint. */
  readonly name: string;
  readonly runsAt: ProgramPlace;
  /** Its place in the map of programs that other programs go on with, by its section's name. */
  readonly place?: number;
  /** Eight bytes an instruction; loads of maps still hold no descriptor. */
  readonly instructions: Buffer;
  /** Where instructions load a map: byte offset -> map's name. */
  readonly mapLoads: ReadonlyMap<number, string>;
}

export interface BpfObject {
  readonly maps: readonly MapDefinition[];
  readonly programs: readonly ProgramDefinition[];
}

const bpfMachine = 247;
const mapBytes = 20;
const programSection = /^(program|tracepoint|sockops|sk_msg)\/([^/]+)(?:\/(\d+))?$/;
const places: Readonly<Record<string, ProgramPlace>> = {
  program: "probe",
  tracepoint: "tracepoint",
  sockops: "sockops",
  sk_msg: "sk_msg",
};
const relocations = 9;

/** Reads an object that clang built from a file of bpf/. Throws when it is none. */
export function parseBpfObject(file: Buffer): BpfObject {
  const elf = elfOf(file);
  if (elf.machine !== bpfMachine) throw new Error("it is no BPF object");
  const symbols = symbolsOf(elf);
  const mapSection = sectionNamed(elf, "maps");
  const mapIndex = mapSection === undefined ? -1 : elf.sections.indexOf(mapSection);
  const data = mapSection === undefined ? Buffer.alloc(0) : sectionBytes(elf, mapSection);
  const maps = symbols
    .filter((symbol) => symbol.section === mapIndex && symbol.name !== "")
    .map(({ name, value }) => mapAt(data, name, Number(value)));
  const programs = elf.sections.flatMap((section, index): ProgramDefinition[] => {
    const [, where = "", name, place] = programSection.exec(section.name) ?? [];
    const runsAt = places[where];
    if (name === undefined || runsAt === undefined || section.type === relocations) return [];
    return [
      {
        name,
        runsAt,
        ...(place === undefined ? {} : { place: Number(place) }),
        instructions: Buffer.from(sectionBytes(elf, section)),
        mapLoads: mapLoads(elf, index, symbols),
      },
    ];
  });
  return { maps, programs };
}

function mapAt(data: Buffer, name: string, at: number): MapDefinition {
  if (at + mapBytes > data.length) throw new Error(`map "${name}" lies outside of its section`);
  return {
    name,
    type: data.readUInt32LE(at),
    keySize: data.readUInt32LE(at + 4),
    valueSize: data.readUInt32LE(at + 8),
    maxEntries: data.readUInt32LE(at + 12),
    flags: data.readUInt32LE(at + 16),
  };
}

function mapLoads(
  elf: Elf,
  program: number,
  symbols: readonly { readonly name: string }[],
): ReadonlyMap<number, string> {
  const loads = new Map<number, string>();
  for (const section of elf.sections) {
    if (section.type !== relocations || section.about !== program) continue;
    const entries = sectionBytes(elf, section);
    for (let at = 0; at + 16 <= entries.length; at += 16) {
      const symbol = symbols[entries.readUInt32LE(at + 12)];
      if (symbol === undefined) throw new Error("a relocation names no symbol");
      loads.set(Number(entries.readBigUInt64LE(at)), symbol.name);
    }
  }
  return loads;
}

/** What the verifier wrote, its last line that says why. */
export function verifierReason(log: Buffer): string {
  const lines = textAt(log, 0)
    .split("\n")
    .filter((line) => line !== "" && !/^(processed|stack depth|max_states)/.test(line));
  return lines.at(-1) ?? "";
}
