import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from "node:fs";

/** A file that takes a program's output and never grows beyond its limit: the older half is kept beside it as `<path>.1`. */
export interface LogFile {
  readonly path: string;
  write(chunk: Uint8Array): void;
  close(): void;
}

/** Appends to `path`. The two files together hold at most `limitBytes` and one chunk. */
export function openLogFile(path: string, limitBytes: number): LogFile {
  let size = existsSync(path) ? statSync(path).size : 0;
  let file: number | undefined = openSync(path, "a", 0o600);
  return {
    path,
    write: (chunk) => {
      if (file === undefined) return;
      if (size > 0 && size + chunk.length > limitBytes / 2) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, "a", 0o600);
        size = 0;
      }
      // A full disk must not stop the demo; its log is the least of it.
      try {
        size += writeSync(file, chunk);
      } catch {
        size = limitBytes;
      }
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
