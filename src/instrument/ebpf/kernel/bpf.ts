import { allocate, bpf, bpfFinds, close, SystemError, unmap, type Memory } from "./native.ts";
import type { BpfObject, MapDefinition, ProgramDefinition } from "./object.ts";
import { verifierReason } from "./object.ts";

const command = {
  createMap: 0,
  lookup: 1,
  update: 2,
  remove: 3,
  nextKey: 4,
  loadProgram: 5,
  attachProgram: 8,
  runProgram: 10,
  openRawTracepoint: 17,
  createLink: 28,
};
/** BPF_PROG_TYPE_KPROBE, the type of what runs at uprobes, and BPF_PROG_TYPE_RAW_TRACEPOINT, _SOCK_OPS, _SK_MSG. */
const programTypes = { probe: 2, tracepoint: 17, sockops: 13, sk_msg: 16 } as const;
/** BPF_CGROUP_SOCK_OPS, BPF_SK_MSG_VERDICT, BPF_TRACE_UPROBE_MULTI. */
const attachTypes = { sockops: 3, sk_msg: 7, uprobes: 48 } as const;
const mapByDescriptor = 1;
const attributeBytes = 128;
const pathBytes = 4096;
const logBytes = 256 * 1024;

/** Objects in the kernel: they live as long as their descriptors, so the kernel drops them when the process ends, however it ends. */
export class LoadedObject {
  readonly maps: ReadonlyMap<string, BpfMap>;
  private readonly programs = new Map<string, number>();

  /** Not ours to close. */
  private readonly shared: ReadonlySet<string>;

  /** Why the kernel refuses one of the programs that may be missing; undefined when it has them all. */
  readonly refused: unknown;

  /**
   * Creates the maps, save those of `shared`, which are used in place of its own, and loads every program, save those of `optional` from the first one that the kernel refuses.
   * Throws a SystemError, or an Error with what the verifier says.
   */
  constructor(
    object: BpfObject,
    shared: ReadonlyMap<string, BpfMap> = new Map(),
    optional: ReadonlySet<string> = new Set(),
  ) {
    const maps = new Map<string, BpfMap>();
    this.maps = maps;
    this.shared = new Set(shared.keys());
    try {
      for (const definition of object.maps)
        maps.set(definition.name, shared.get(definition.name) ?? new BpfMap(definition));
      for (const definition of object.programs) {
        if (!optional.has(definition.name)) this.programs.set(definition.name, load(definition, maps));
      }
      this.refused = this.loadOptional(object, optional);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private loadOptional(object: BpfObject, optional: ReadonlySet<string>): unknown {
    try {
      for (const definition of object.programs) {
        if (optional.has(definition.name)) this.programs.set(definition.name, load(definition, this.maps));
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** The map of this name; throws when the object has none. */
  map(name: string): BpfMap {
    const found = this.maps.get(name);
    if (found === undefined) throw new Error(`the object has no map "${name}"`);
    return found;
  }

  /** Descriptor of a program; throws when the object has none of this name. */
  program(name: string): number {
    const found = this.programs.get(name);
    if (found === undefined) throw new Error(`the object has no program "${name}"`);
    return found;
  }

  /** Runs the program at the tracepoint of its name until `detach`, or until our process ends. Throws a SystemError. */
  attachTracepoint(name: string): { detach(): void } {
    const text = allocate(64);
    new Uint8Array(text.buffer).set(Buffer.from(`${name}\0`));
    const request = new Request();
    request.u64(0, text.address);
    request.u32(8, this.program(name));
    const descriptor = request.send(command.openRawTracepoint, `run a program at tracepoint "${name}"`);
    return { detach: () => close(descriptor) };
  }

  /** Runs a tracepoint's program now, in this thread, on nothing (Linux 5.10). Throws a SystemError. */
  runOnce(name: string): void {
    const request = new Request();
    request.u32(0, this.program(name));
    request.send(command.runProgram, `run program "${name}"`);
  }

  /** Runs a "sockops" program for the sockets of a control group, given by its folder's descriptor. As attachTracepoint otherwise. */
  attachToGroup(name: string, group: number): { detach(): void } {
    const request = new Request();
    request.u32(0, this.program(name));
    request.u32(4, group);
    request.u32(8, attachTypes.sockops);
    const descriptor = request.send(command.createLink, `run program "${name}" for a control group`);
    return { detach: () => close(descriptor) };
  }

  /** Runs an "sk_msg" program for what is written to the sockets in a map, as long as the map is there. Throws a SystemError. */
  attachToSockets(name: string, sockets: BpfMap): void {
    const request = new Request();
    request.u32(0, sockets.descriptor);
    request.u32(4, this.program(name));
    request.u32(8, attachTypes.sk_msg);
    request.send(command.attachProgram, `run program "${name}" for the sockets of a map`);
  }

  close(): void {
    for (const descriptor of this.programs.values()) close(descriptor);
    for (const [name, map] of this.maps) if (!this.shared.has(name)) map.close();
  }
}

export class BpfMap {
  readonly descriptor: number;
  readonly definition: MapDefinition;
  private readonly request = new Request();
  private readonly key: Memory;
  private readonly value: Memory;

  constructor(definition: MapDefinition) {
    const { request } = this;
    this.definition = definition;
    request.clear();
    request.u32(0, definition.type);
    request.u32(4, definition.keySize);
    request.u32(8, definition.valueSize);
    request.u32(12, definition.maxEntries);
    request.u32(16, definition.flags);
    this.descriptor = request.send(command.createMap, `create map "${definition.name}"`);
    this.key = allocate(Math.max(definition.keySize, 8));
    this.value = allocate(Math.max(definition.valueSize, definition.keySize, 8));
  }

  set(key: Uint8Array, value: Uint8Array): void {
    new Uint8Array(this.value.buffer).set(value);
    this.prepare(key);
    this.request.send(command.update, `write to map "${this.definition.name}"`);
  }

  /** A copy of the value, which is undefined when the key is not there. */
  get(key: Uint8Array): Buffer | undefined {
    this.prepare(key);
    if (!this.found(command.lookup)) return undefined;
    return Buffer.from(Buffer.from(this.value.buffer, 0, this.definition.valueSize));
  }

  /** Returns whether the key was there. */
  remove(key: Uint8Array): boolean {
    this.prepare(key);
    // The kernel refuses fields that a command does not have.
    this.request.u64(16, 0n);
    return this.found(command.remove);
  }

  /** All keys, of a hash map. */
  keys(): readonly Buffer[] {
    const keys: Buffer[] = [];
    let last: Buffer | undefined;
    while (keys.length < this.definition.maxEntries) {
      this.prepare(last ?? Buffer.alloc(0));
      // Without a key it is the first that comes.
      if (last === undefined) this.request.u64(8, 0n);
      if (!this.found(command.nextKey)) break;
      last = Buffer.from(Buffer.from(this.value.buffer, 0, this.definition.keySize));
      keys.push(last);
    }
    return keys;
  }

  close(): void {
    close(this.descriptor);
    unmap(this.key);
    unmap(this.value);
    this.request.free();
  }

  private prepare(key: Uint8Array): void {
    new Uint8Array(this.key.buffer).set(key);
    this.request.clear();
    this.request.u32(0, this.descriptor);
    this.request.u64(8, this.key.address);
    this.request.u64(16, this.value.address);
  }

  private found(what: number): boolean {
    return this.request.finds(what, `read map "${this.definition.name}"`);
  }
}

/** BPF_F_UPROBE_MULTI_RETURN. */
const atReturns = 1;

/**
 * Runs a loaded program at instructions of the file `path`, or at the returns of the functions that begin there (Linux 6.6).
 * Returns the descriptor, for as long as which it does. Throws a SystemError.
 */
export function linkUprobes(
  program: number,
  path: string,
  offsets: readonly number[],
  atReturn: boolean,
): number {
  const text = allocate(pathBytes);
  const words = allocate(offsets.length * 8);
  new Uint8Array(text.buffer).set(Buffer.from(`${path}\0`));
  new BigUint64Array(words.buffer).set(offsets.map(BigInt));
  const request = new Request();
  try {
    request.u32(0, program);
    request.u32(8, attachTypes.uprobes);
    request.u64(16, text.address);
    request.u64(24, words.address);
    request.u32(48, offsets.length);
    request.u32(52, atReturn ? atReturns : 0);
    return request.send(command.createLink, "attach a program to a file");
  } finally {
    request.free();
    unmap(text);
    unmap(words);
  }
}

/** `union bpf_attr`. */
class Request {
  private readonly memory = allocate(attributeBytes);
  private readonly view = new DataView(this.memory.buffer);

  clear(): void {
    new Uint8Array(this.memory.buffer).fill(0);
  }

  u32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  u64(at: number, value: bigint): void {
    this.view.setBigUint64(at, value, true);
  }

  free(): void {
    unmap(this.memory);
  }

  /** As `send`; false when there is none of what was asked for. */
  finds(what: number, description: string): boolean {
    return bpfFinds(what, this.memory, attributeBytes, `cannot ${description}`);
  }

  send(what: number, description: string): number {
    return bpf(what, this.memory, attributeBytes, `cannot ${description}`);
  }
}

function load(definition: ProgramDefinition, maps: ReadonlyMap<string, BpfMap>): number {
  const instructions = linked(definition, maps);
  const code = allocate(instructions.length);
  new Uint8Array(code.buffer).set(instructions);
  // Some helpers are for programs under a licence that is compatible with the GPL only.
  const licence = allocate(16);
  new Uint8Array(licence.buffer).set(Buffer.from("Dual MIT/GPL\0"));
  const request = new Request();
  request.u32(0, programTypes[definition.runsAt]);
  request.u32(4, instructions.length / 8);
  request.u64(8, code.address);
  request.u64(16, licence.address);
  const what = `load program "${definition.name}"`;
  if (definition.runsAt === "probe") {
    // Lets it be attached to many instructions at once (uprobe.ts), and one by one as well.
    request.u32(68, attachTypes.uprobes);
    try {
      return sendLoad(request, what);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      request.u32(68, 0);
    }
  }
  try {
    return sendLoad(request, what);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // Once more with the verifier's log, which costs time only when something is wrong.
    const log = allocate(logBytes);
    request.u32(24, 1);
    request.u32(28, logBytes);
    request.u64(32, log.address);
    try {
      return request.send(command.loadProgram, what);
    } catch {
      error.verifierReason = verifierReason(Buffer.from(log.buffer));
      if (error.verifierReason !== "") error.message += ` (${error.verifierReason})`;
      throw error;
    }
  }
}

/** A signal that comes while the verifier works makes it give up (libbpf tries as often). */
const loadAttempts = 5;

function sendLoad(request: Request, what: string): number {
  for (let attempt = 1; ; attempt++) {
    try {
      return request.send(command.loadProgram, what);
    } catch (error) {
      const isInterrupted = error instanceof SystemError && error.code === "EAGAIN";
      if (!isInterrupted || attempt === loadAttempts) throw error;
    }
  }
}

/** The instructions with descriptors where maps are loaded. */
function linked(definition: ProgramDefinition, maps: ReadonlyMap<string, BpfMap>): Buffer {
  const instructions = Buffer.from(definition.instructions);
  for (const [at, name] of definition.mapLoads) {
    const map = maps.get(name);
    if (map === undefined) throw new Error(`program "${definition.name}" uses "${name}", which is no map`);
    instructions[at + 1] = (instructions[at + 1]! & 0x0f) | (mapByDescriptor << 4);
    instructions.writeInt32LE(map.descriptor, at + 4);
  }
  return instructions;
}
