import { describe, expect, it } from "vitest";
import { growthPercent } from "./heap-headroom.ts";

const mb = 1024 * 1024;

describe("growthPercent", () => {
  it.each([
    ["a small heap may grow by the headroom", 48, 12, 400],
    ["a tiny heap counts as 8 MB", 48, 1, 600],
    ["a heap of the headroom's size may double", 48, 48, 100],
    ["a large heap is left to V8", 48, 200, 0],
  ])("%s", (_, headroomMb, liveMb, percent) => {
    expect(growthPercent(headroomMb * mb, liveMb * mb)).toBe(percent);
  });
});
