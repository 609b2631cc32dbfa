import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

/**
 * Why Go programs cannot be traced here, as `otelier ebpf doctor` says it, printed once; undefined when they can be. A package built without
 * its BPF programs is a fault of the build, not of the machine, and fails with CI=true.
 */
export async function tracingRefused(what: string): Promise<string | undefined> {
  if (!existsSync(path.join(root, "dist/bpf")) && process.env["CI"] === "true") {
    throw new Error("cannot test the tracer: it was not built; clang is missing");
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(root, "dist/main.js"), "ebpf", "doctor"],
    { encoding: "utf8" },
  );
  if (status === 0) return undefined;
  const reason = stdout.trim();
  process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason;
}
