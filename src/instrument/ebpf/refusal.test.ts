import { expect, test } from "vitest";
import { explainRefusal } from "./refusal.ts";

test.each([
  [{ code: "EPERM", verifierReason: "" }, /: tracing needs privileges; run it as root/],
  [{ code: "EACCES", verifierReason: "" }, /: tracing needs privileges; run it as root/],
  [{ code: "EACCES", verifierReason: "R0 !read_ok" }, /: the verifier of this kernel .* no privilege/],
  [{ code: "EINVAL", verifierReason: "unknown func#120" }, /: this kernel cannot do it; Linux 5.8/],
  [{ code: "ENOSYS" }, /: this kernel cannot do it; Linux 5.8/],
  [{}, /^cannot load$/],
])("%o is explained with its remedy", (properties, line) => {
  expect(explainRefusal(Object.assign(new Error("cannot load"), properties))).toMatch(line);
});
