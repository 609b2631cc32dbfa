import { close as closeLater, readFileSync } from "node:fs";
import { linkUprobes } from "./bpf.ts";
import { allocate, close, ioctl, perfEventOpen, SystemError, unmap } from "./native.ts";

const setProgram = 0x40042408;
const enable = 0x2400;
const attributeBytes = 128;

export interface Uprobe {
  /** The kernel takes up to a tenth of a second for it, which another thread waits for. Never rejects. */
  detach(): Promise<void>;
}

/** As attachUprobes, at one instruction. */
export function attachUprobe(program: number, path: string, offset: number, atReturn = false): Uprobe {
  return attachUprobes(program, path, [offset], atReturn);
}

/**
 * Runs a loaded program whenever any process executes one of the instructions at `offsets` of the file `path`, or, `atReturn`, when the functions that
 * begin there return. Lasts until `detach`, or until our process ends. Throws a SystemError. Needs neither tracefs nor debugfs: one link takes all
 * of them (Linux 6.6), else each is an event of source "uprobe" (Linux 4.17), of which detaching takes as many times as long.
 */
export function attachUprobes(
  program: number,
  path: string,
  offsets: readonly number[],
  atReturn = false,
): Uprobe {
  const descriptors = descriptorsFor(program, path, offsets, atReturn);
  return {
    detach: async () => {
      await Promise.all(
        descriptors.map(
          (descriptor) => new Promise<void>((resolve) => closeLater(descriptor, () => resolve())),
        ),
      );
    },
  };
}

function descriptorsFor(
  program: number,
  path: string,
  offsets: readonly number[],
  atReturn: boolean,
): readonly number[] {
  try {
    return [linkUprobes(program, path, offsets, atReturn)];
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
  const opened: number[] = [];
  try {
    for (const offset of offsets) opened.push(openEvent(program, path, offset, atReturn));
    return opened;
  } catch (error) {
    for (const descriptor of opened) closeLater(descriptor);
    throw error;
  }
}

function openEvent(program: number, path: string, offset: number, atReturn: boolean): number {
  const attributes = allocate(attributeBytes);
  const name = allocate(4096);
  new Uint8Array(name.buffer).set(Buffer.from(`${path}\0`));
  const view = new DataView(attributes.buffer);
  view.setUint32(0, uprobeType(), true);
  view.setUint32(4, attributeBytes, true);
  // The kernel changes the return address, which only programs bear whose stacks do not move: not Go's.
  if (atReturn) view.setBigUint64(8, 1n, true);
  view.setBigUint64(56, name.address, true);
  view.setBigUint64(64, BigInt(offset), true);
  try {
    const descriptor = perfEventOpen(attributes, -1, 0);
    try {
      ioctl(descriptor, setProgram, program);
      ioctl(descriptor, enable, 0);
    } catch (error) {
      close(descriptor);
      throw error;
    }
    return descriptor;
  } finally {
    unmap(attributes);
    unmap(name);
  }
}

let type: number | undefined;

/** The number of the event source; throws when this kernel has none. */
function uprobeType(): number {
  type ??= Number(readFileSync("/sys/bus/event_source/devices/uprobe/type", "utf8"));
  return type;
}
