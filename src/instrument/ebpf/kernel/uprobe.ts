import { close as closeLater, readFileSync } from "node:fs";
import { allocate, close, ioctl, perfEventOpen, unmap } from "./native.ts";

const setProgram = 0x40042408;
const enable = 0x2400;
const attributeBytes = 128;

export interface Uprobe {
  /** The kernel takes a tenth of a second for it, which another thread waits for. Never rejects. */
  detach(): Promise<void>;
}

/**
 * Runs a loaded program whenever any process executes the instruction at `offset` of the file `path`, or, `atReturn`, when the function that
 * begins there returns. Lasts until `detach`, or until our
 * process ends. Throws a SystemError. Needs neither tracefs nor debugfs: the event source "uprobe" (Linux 4.17) is asked directly.
 */
export function attachUprobe(program: number, path: string, offset: number, atReturn = false): Uprobe {
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
    return { detach: () => new Promise((resolve) => closeLater(descriptor, () => resolve())) };
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
