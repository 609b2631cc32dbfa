import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Twelve hex digits that change when one of the named files, its name or an `ingredient` (a compiler's version) changes. What was built or
 * installed under a key is never built again. Names are relative to `directory`; order does not matter.
 */
export function sourceKey(
  directory: string,
  names: readonly string[],
  ingredients: readonly string[] = [],
): string {
  const hash = createHash("sha256");
  const part = (bytes: string | Uint8Array): void => {
    // The length keeps "ab" + "c" apart from "a" + "bc".
    hash.update(`${bytes.length}:`).update(bytes);
  };
  for (const ingredient of ingredients) part(ingredient);
  for (const name of [...names].sort()) {
    part(name);
    part(readFileSync(path.join(directory, name)));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Names of the files directly in a folder that end in one of the given ways. */
export function filesEndingIn(directory: string, endings: readonly string[]): readonly string[] {
  return readdirSync(directory).filter((name) => endings.some((ending) => name.endsWith(ending)));
}
