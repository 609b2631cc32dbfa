import { expect, test } from "vitest";
import { attachAll } from "./attach-all.ts";

function attachTo(attached: Set<string>, refused: string): (place: string) => { detach(): void } {
  return (place) => {
    if (place === refused) throw new Error(`${place} is refused`);
    attached.add(place);
    return { detach: () => attached.delete(place) };
  };
}

test("all are attached, in their order", () => {
  const attached = new Set<string>();
  expect(attachAll(["entry", "return"], attachTo(attached, ""))).toHaveLength(2);
  expect([...attached]).toEqual(["entry", "return"]);
});

test("when one is refused none stays, and the refusal is the caller's", () => {
  const attached = new Set<string>();
  expect(() => attachAll(["entry", "return", "call"], attachTo(attached, "call"))).toThrow("call is refused");
  expect([...attached]).toEqual([]);
});
