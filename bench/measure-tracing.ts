/** What benchmarks of tracing by eBPF have in common. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figure.ts";

const root = join(import.meta.dirname, "..");
/** The built program. */
export const main: string = join(root, "dist/main.js");

/** Builds the program and measures in a new folder, which is gone afterwards; where `lacks` says what is missing, or nothing can be traced, says why and measures nothing. */
export async function measureTracing(
  lacks: () => string | undefined,
  measure: (folder: string) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: ["ignore", 2, 2] });
  const reason = lacks() ?? refusal();
  if (reason !== undefined) {
    console.error(`  nothing measured: ${reason}`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "otelier-bench-"));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Why nothing can be traced here, for people. */
function refusal(): string | undefined {
  const doctor = spawnSync(process.execPath, [main, "ebpf", "doctor"], { encoding: "utf8" });
  return doctor.status === 0 ? undefined : doctor.stdout.trim();
}
