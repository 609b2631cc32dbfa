import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseBpfObject, type BpfObject } from "./kernel/object.ts";

/** The built programs of a file of bpf/ for this processor. Throws an Error that says what to do when there are none. */
export function readObject(
  name: "answers" | "context" | "go" | "outgoing" | "processes" | "syscalls",
): BpfObject {
  const file = objectPath(name);
  if (!existsSync(file)) {
    throw new Error(
      `${file} is missing: this package was built without clang; install clang and build it again (npm run build)`,
    );
  }
  return parseBpfObject(readFileSync(file));
}

/** What a Tracer needs. */
export interface GoObjects {
  readonly go: BpfObject;
  readonly outgoing: BpfObject;
  readonly answers: BpfObject;
}

/** As readObject. */
export function readGoObjects(): GoObjects {
  return { go: readObject("go"), outgoing: readObject("outgoing"), answers: readObject("answers") };
}

/** Compiled and as source this module lies three folders below its root. */
function objectPath(name: string): string {
  const own = import.meta.url;
  const built = own.endsWith(".ts") ? "../../../dist/bpf/" : "../../bpf/";
  return fileURLToPath(new URL(`${built}${name}.${process.arch}.bpf.o`, own));
}
