import { expect, test } from "vitest";
import type { BpfMap } from "./kernel/bpf.ts";
import { TracedProcesses } from "./traced-processes.ts";

/** A map as the kernel keeps it, hash or array. */
function mapOf(
  maxEntries: number,
  valueSize: number,
): { readonly map: BpfMap; readonly values: Map<number, Buffer> } {
  const values = new Map<number, Buffer>();
  const map = {
    definition: { name: "", type: 1, keySize: 4, valueSize, maxEntries, flags: 0 },
    set: (key: Buffer, value: Buffer) => void values.set(key.readUInt32LE(0), Buffer.from(value)),
    get: (key: Buffer) => values.get(key.readUInt32LE(0)),
    remove: (key: Buffer) => values.delete(key.readUInt32LE(0)),
    keys: () => [],
  };
  return { map: map as unknown as BpfMap, values };
}

test("a place near at hand has a process as long as there is one whose place it is", () => {
  const [all, near, calls, owners] = [mapOf(16, 8), mapOf(256, 12), mapOf(16, 8), mapOf(16, 8)];
  const processes = new TracedProcesses({
    processes: all.map,
    nearProcesses: near.map,
    nearCalls: calls.map,
    nearOwners: owners.map,
  });
  const atPlace = (): number => near.values.get(7)?.readUInt32LE(8) ?? 0;
  for (const pid of [7, 263, 519]) processes.set(pid, Buffer.alloc(8, pid & 0xff));
  expect([...all.values.keys(), atPlace()]).toEqual([7, 263, 519, 7]);
  processes.remove(263);
  expect(atPlace()).toBe(7);
  processes.set(7, Buffer.alloc(8, 1));
  expect(near.values.get(7)?.[0]).toBe(1);
  processes.remove(7);
  expect(atPlace()).toBe(519);
  processes.remove(519);
  expect([all.values.size, atPlace()]).toEqual([0, 0]);
});
