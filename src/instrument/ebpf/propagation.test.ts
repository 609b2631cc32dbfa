import { expect, test } from "vitest";
import { controlGroups, wantsPropagation } from "./propagation.ts";

test.each([
  ["cgroup2 /sys/fs/cgroup cgroup2 rw,relatime 0 0\n", "/sys/fs/cgroup"],
  [
    "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
    "/sys/fs/cgroup/unified",
  ],
  ["none /my\\040groups cgroup2 rw 0 0\n", "/my groups"],
  ["cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n", undefined],
  ["", undefined],
])("control groups in %j", (mounts, place) => {
  expect(controlGroups(mounts)).toBe(place);
});

test.each([
  [undefined, true],
  ["", true],
  ["tracecontext,baggage", true],
  ["b3, tracecontext", true],
  ["b3", false],
  ["none", false],
])("OTEL_PROPAGATORS=%s", (given, wanted) => {
  expect(wantsPropagation({ OTEL_PROPAGATORS: given })).toBe(wanted);
});
