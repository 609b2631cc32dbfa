import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { LoadedObject } from "../../../src/instrument/ebpf/kernel/bpf.ts";
import { readObject } from "../../../src/instrument/ebpf/object-file.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("how far programs are from what the kernel checks at most");

/** The kernel refuses what takes it a million; other versions of it go more ways through the same program. */
const most = 400_000;

/** Those whose maps an object takes, as the tracers give them to it. */
const objects = [
  ["go", undefined],
  ["answers", "go"],
  ["outgoing", "go"],
  ["syscalls", undefined],
  ["context", "syscalls"],
  ["processes", undefined],
] as const;

/** What a loaded program took the kernel to check; undefined where it does not say (before Linux 5.16). */
function checkedInstructions(descriptor: number): number | undefined {
  const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8");
  const found = /^verified_insns:\s*(\d+)$/m.exec(info);
  return found === null ? undefined : Number(found[1]);
}

test.skipIf(refused !== undefined).each(objects)(
  "programs of bpf/%s.bpf.c are far from it",
  (name, sharing) => {
    const shared = sharing === undefined ? undefined : new LoadedObject(readObject(sharing));
    const definition = readObject(name);
    const object = new LoadedObject(definition, shared?.maps);
    try {
      const checked = definition.programs.map((program) => [
        program.name,
        checkedInstructions(object.program(program.name)),
      ]);
      expect(checked.filter(([, count]) => count !== undefined && Number(count) > most)).toEqual([]);
      expect(checked.length).toBeGreaterThan(0);
    } finally {
      object.close();
      shared?.close();
    }
  },
);

test.skipIf(refused !== undefined)("nothing stays in the kernel", () => {
  const left = readdirSync("/proc/self/fdinfo").filter((descriptor) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8").includes("prog_type:");
    } catch {
      return false;
    }
  });
  expect(left).toEqual([]);
});
