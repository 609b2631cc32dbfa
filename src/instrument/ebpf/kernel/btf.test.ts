import { expect, test } from "vitest";
import { Btf } from "./btf.ts";

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
  expect(new Btf(example()).offsets(["outer.a", "outer.x", "outer.y", "outer.z"])).toEqual([0, 8, 12, 8]);
});

test.each(["outer.nothing", "other.a", "outer.flag"])("%s has no offset in bytes", (name) => {
  expect(() => new Btf(example()).offsets([name])).toThrow(`the kernel's BTF has no "${name}"`);
});

test("other bytes are no BTF", () => {
  expect(() => new Btf(Buffer.alloc(64))).toThrow("not BTF");
});
