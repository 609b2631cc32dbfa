import { expect, test } from "vitest";
import { reasonOf } from "./install.ts";

test.each([
  [
    "pip",
    "Collecting flask\n",
    "ERROR: No matching distribution found for flask==9\n",
    "ERROR: No matching distribution found for flask==9",
  ],
  ["npm", "", "npm error code ENOTFOUND\nnpm error network request failed\n", "npm error code ENOTFOUND"],
  ["go", "", "# inventory\n./main.go:9:2: undefined: x\n", "./main.go:9:2: undefined: x"],
  ["anything else", "first\nlast\n", "", "last"],
])("the telling line of %s", (_, stdout, stderr, line) => {
  expect(reasonOf({ code: 1, stdout, stderr })).toBe(line);
});

test("a silent failure is told by how it ended", () => {
  expect(reasonOf({ code: 7, stdout: "", stderr: "" })).toBe("exit code 7");
  expect(reasonOf({ signal: "SIGKILL", stdout: "", stderr: "" })).toBe("ended by SIGKILL");
  expect(reasonOf({ problem: "spawn go ENOENT", stdout: "", stderr: "" })).toBe("spawn go ENOENT");
});
