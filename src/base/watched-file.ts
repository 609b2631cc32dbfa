import { readFile, stat } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import { OtelierError } from "./error.ts";
import { fileProblem } from "./file-problem.ts";

/**
 * A small text file whose present content is asked for again and again: it is looked at when asked, at most once a second, and read again when
 * it changed. There is nothing to stop, and files that are replaced (Kubernetes' mounted secrets) are followed.
 */
export class WatchedFile {
  readonly path: string;
  readonly #clock: Clock;
  #content: string | undefined;
  #version = "";
  #lookedMs = -Infinity;

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
  }

  /** The content; the last one known when the file cannot be read any more. Rejects with "cannot-read-file" when it never could be. */
  async read(): Promise<string> {
    const nowMs = this.#clock.monotonic();
    if (this.#content !== undefined && nowMs - this.#lookedMs < 1000) return this.#content;
    this.#lookedMs = nowMs;
    try {
      const found = await stat(this.path);
      const version = `${found.ino} ${found.size} ${found.mtimeMs}`;
      if (this.#content === undefined || version !== this.#version) {
        this.#content = await readFile(this.path, "utf8");
        this.#version = version;
      }
      return this.#content;
    } catch (cause) {
      if (this.#content !== undefined) return this.#content;
      const message = `cannot read "${this.path}": ${fileProblem(cause)}`;
      throw new OtelierError(message, { code: "cannot-read-file", outcome: "permanent", cause });
    }
  }
}
