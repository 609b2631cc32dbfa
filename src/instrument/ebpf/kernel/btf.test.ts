import { expect, test } from "vitest";
import { Btf } from "./btf.ts";
import { MemberOffsets, taskMembers } from "./member-offsets.ts";
import { socketOffsets } from "./socket-offsets.ts";

/** BTF with `struct outer { int a; union { struct { int x; int y; }; long z; }; int flag : 3; }`, an array and a function before it. */
function example(): Buffer {
  const strings = "\0outer\0a\0x\0y\0z\0flag\0";
  const name = (text: string): number => strings.indexOf(`\0${text}\0`) + 1;
  const [int, array, structure, union, prototype] = [1, 3, 4, 5, 13];
  const info = (kind: number, members = 0, bits = 0): number => ((bits << 31) | (kind << 24) | members) >>> 0;
  const types = [
    [0, info(int), 4, 32],
    [0, info(array), 0, 1, 1, 3],
    [0, info(prototype, 1), 0, 0, 1],
    [0, info(structure, 2), 8, name("x"), 1, 0, name("y"), 1, 32],
    [0, info(union, 2), 8, 0, 4, 0, name("z"), 1, 0],
    [name("outer"), info(structure, 3, 1), 16, name("a"), 1, 0, 0, 5, 64, name("flag"), 1, (3 << 24) | 129],
  ].flat();
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f, 0);
  head[2] = 1;
  for (const [index, value] of [24, 0, types.length * 4, types.length * 4, strings.length].entries()) {
    head.writeUInt32LE(value, 4 + index * 4);
  }
  return Buffer.concat([head, Buffer.from(Uint32Array.from(types).buffer), Buffer.from(strings)]);
}

test("offsets of members, also inside members without a name", () => {
  const offsets = { "outer.a": 0, "outer.x": 8, "outer.y": 12, "outer.z": 8 };
  expect(Object.fromEntries(new Btf(example()).find(Object.keys(offsets)))).toEqual(offsets);
});

test.each(["outer.nothing", "other.a", "outer.flag"])("%s has no offset in bytes", (name) => {
  expect(new Btf(example()).find([name]).size).toBe(0);
});

test("other bytes are no BTF", () => {
  expect(() => new Btf(Buffer.alloc(64))).toThrow("not BTF");
});

/** Of the example, with the number of times that it was read. */
function counted(bytes: () => Buffer): { readonly members: MemberOffsets; readonly reads: () => number } {
  let reads = 0;
  const read = (): Buffer => {
    reads++;
    return bytes();
  };
  return { members: new MemberOffsets(read), reads: () => reads };
}

test("what was asked for once is not read again, also where it is not", () => {
  const { members, reads } = counted(example);
  members.prepare(["outer.a", "outer.x", "outer.nothing"]);
  expect(members.of(["outer.x", "outer.a"])).toEqual([8, 0]);
  expect(members.of(["outer.a", "outer.nothing"])).toBeUndefined();
  expect(reads()).toBe(1);
  expect(members.of(["outer.z"])).toEqual([8]);
  expect(reads()).toBe(2);
});

test.each<readonly [string, () => Buffer]>([
  ["without the members", example],
  [
    "without BTF",
    () => {
      throw new Error("no such file");
    },
  ],
])("%s sockets are not known; tasks, which are asked for later, are not read again", (_, bytes) => {
  const { members, reads } = counted(bytes);
  expect(socketOffsets(members)).toEqual(Buffer.alloc(23 * 4));
  expect(members.of(taskMembers)).toBeUndefined();
  expect(reads()).toBe(1);
});
