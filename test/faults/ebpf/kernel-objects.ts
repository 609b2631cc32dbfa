/** Programs, maps and links in the kernel, by their numbers. */
import { readdirSync, readFileSync } from "node:fs";
import { allocate, bpf, SystemError, unmap } from "../../../src/instrument/ebpf/kernel/native.ts";

export type Kind = "program" | "map" | "link";
export type KernelObjects = Readonly<Record<Kind, ReadonlySet<number>>>;

/** BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID. */
const nextNumber: Readonly<Record<Kind, number>> = { program: 11, map: 12, link: 31 };
/** As /proc/PID/fdinfo names them. */
const lines: Readonly<Record<Kind, RegExp>> = {
  program: /^prog_id:\s*(\d+)/m,
  map: /^map_id:\s*(\d+)/m,
  link: /^link_id:\s*(\d+)/m,
};

/** All that the kernel has, whoever made them. Throws a SystemError without the right to ask. */
export function allObjects(): KernelObjects {
  return { program: all("program"), map: all("map"), link: all("link") };
}

function all(kind: Kind): ReadonlySet<number> {
  const request = allocate(128);
  const words = new Uint32Array(request.buffer);
  const numbers = new Set<number>();
  try {
    for (;;) {
      bpf(nextNumber[kind], request, 128, `cannot list what the kernel has of kind ${kind}`);
      numbers.add(words[1]!);
      words[0] = words[1]!;
    }
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== "ENOENT") throw error;
    return numbers;
  } finally {
    unmap(request);
  }
}

/** What processes hold by their descriptors. */
export function heldBy(pids: readonly number[]): KernelObjects {
  const held = { program: new Set<number>(), map: new Set<number>(), link: new Set<number>() };
  for (const pid of pids) {
    for (const text of descriptorsOf(pid)) {
      // That of a link also names its program.
      const kind = (["link", "map", "program"] as const).find((each) => lines[each].test(text));
      if (kind !== undefined) held[kind].add(Number(lines[kind].exec(text)![1]));
    }
  }
  return held;
}

function descriptorsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((name) => {
    try {
      return [readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8")];
    } catch {
      return []; // closed meanwhile
    }
  });
}

/** "27 programs, 19 maps, 14 links". */
export function printObjects({ program, map, link }: KernelObjects): string {
  return `${program.size} programs, ${map.size} maps, ${link.size} links`;
}

/** Those of `some` that the kernel still has. */
export function left(some: KernelObjects): KernelObjects {
  const now = allObjects();
  const still = (kind: Kind): ReadonlySet<number> =>
    new Set([...some[kind]].filter((number) => now[kind].has(number)));
  return { program: still("program"), map: still("map"), link: still("link") };
}

export function countOf({ program, map, link }: KernelObjects): number {
  return program.size + map.size + link.size;
}
