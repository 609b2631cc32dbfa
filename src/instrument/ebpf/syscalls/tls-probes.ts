import { readFileSync, statSync } from "node:fs";
import { withElfFile } from "../elf/elf.ts";
import { exportsOf } from "../elf/exports.ts";

/** Functions of OpenSSL, and the programs of bpf/tls.h for their entry and their return. */
export const tlsProbes: readonly (readonly [name: string, entry: string, done?: string])[] = [
  ["SSL_read", "ssl_read", "ssl_done"],
  ["SSL_write", "ssl_write", "ssl_done"],
  ["SSL_read_ex", "ssl_read_ex", "ssl_done"],
  ["SSL_write_ex", "ssl_write_ex", "ssl_done"],
  ["SSL_free", "ssl_free"],
];

export interface TlsLibrary {
  readonly path: string;
  /** The same for one file, by whatever path. */
  readonly identity: string;
  /** Where each of its functions begins in the file. */
  readonly functions: ReadonlyMap<string, number>;
}

/** OpenSSL as a process has it: libssl.so that it has loaded, or itself. Empty when it has none, has ended, or is not ours to look at. */
export function tlsLibrariesOf(pid: number, isKnown: (identity: string) => boolean): readonly TlsLibrary[] {
  const paths = [`/proc/${pid}/exe`, ...loadedLibraries(pid).map((file) => `/proc/${pid}/root${file}`)];
  return paths.flatMap((path) => {
    try {
      const { dev, ino } = statSync(path);
      const identity = `${dev}:${ino}`;
      if (isKnown(identity)) return [];
      const names = new Set(tlsProbes.map(([name]) => name));
      return [{ path, identity, functions: withElfFile(path, (elf) => exportsOf(elf, names)) }];
    } catch {
      return []; // it has ended, or is no program of this machine
    }
  });
}

function loadedLibraries(pid: number): readonly string[] {
  try {
    const lines = readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
    return [...new Set(lines.flatMap((line) => /\s(\/\S*\/libssl\.so[^/\s]*)$/.exec(line)?.[1] ?? []))];
  } catch {
    return [];
  }
}
