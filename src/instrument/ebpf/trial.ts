import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { attachUprobe } from "./kernel/uprobe.ts";

/** Attaches a loaded program once to a file that nobody executes. Throws a SystemError when the kernel does not allow it. */
export function tryToAttach(program: number): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-probe-"));
  try {
    const file = path.join(folder, "code");
    // One page of return instructions.
    writeFileSync(file, Buffer.alloc(4096, 0xc3));
    void attachUprobe(program, file, 0).detach();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
