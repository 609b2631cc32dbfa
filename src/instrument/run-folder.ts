/**
 * The private folder of one run, by which hooks and launcher speak: `status/<pid>.jsonl` (events, appended) and
 * `spool/<pid>-<n>.otlp` (the last requests of processes that ended: a JSON line {url, headers}, a line break, the body).
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import type { HookEvent } from "./process-reports.ts";

const maxEventBytes = 1 << 20;

export interface SpooledRequest {
  readonly file: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export class RunFolder {
  readonly path: string;
  private readonly offsets = new Map<string, number>();
  private readonly rests = new Map<string, string>();

  constructor() {
    this.path = mkdtempSync(path.join(os.tmpdir(), "otelier-run-"));
    mkdirSync(path.join(this.path, "status"));
    mkdirSync(path.join(this.path, "spool"));
  }

  /** Events that were written since the last call, per process in order. Lines that are no events are left out. */
  newEvents(): readonly HookEvent[] {
    return list(path.join(this.path, "status")).flatMap((name) => this.readNew(name));
  }

  /** All requests that lie in the spool, in the order of their names; each stays until `remove`. */
  spooled(): readonly SpooledRequest[] {
    return list(path.join(this.path, "spool"))
      .filter((name) => name.endsWith(".otlp"))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
      .flatMap((name) => readRequest(path.join(this.path, "spool", name)));
  }

  remove(request: SpooledRequest): void {
    rmSync(request.file, { force: true });
  }

  /**
   * Deletes the folder with all that is in it. Does not throw: how the program ended counts, not what became of its folder. Processes that outlive
   * the program may still be writing, so the folder goes out of their sight first.
   */
  close(): void {
    const closed = `${this.path}-closed`;
    try {
      renameSync(this.path, closed);
      rmSync(closed, { recursive: true, force: true });
    } catch {
      // Somebody else has removed it.
    }
  }

  private readNew(name: string): readonly HookEvent[] {
    const offset = this.offsets.get(name) ?? 0;
    const buffer = Buffer.alloc(65_536);
    let text = this.rests.get(name) ?? "";
    let read = 0;
    try {
      const file = openSync(path.join(this.path, "status", name), "r");
      try {
        for (let got = -1; got !== 0 && read < maxEventBytes; read += got) {
          got = readSync(file, buffer, 0, buffer.length, offset + read);
          text += buffer.toString("utf8", 0, got);
        }
      } finally {
        closeSync(file);
      }
    } catch {
      return [];
    }
    this.offsets.set(name, offset + read);
    const lines = text.split("\n");
    this.rests.set(name, lines.pop() ?? "");
    return lines.flatMap(parseEvent);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseEvent(line: string): readonly HookEvent[] {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isEvent(value: unknown): value is HookEvent {
  if (typeof value !== "object" || value === null) return false;
  return (
    "event" in value &&
    typeof value.event === "string" &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "runtime" in value &&
    typeof value.runtime === "string"
  );
}

function readRequest(file: string): readonly SpooledRequest[] {
  try {
    const bytes = readFileSync(file);
    const end = bytes.indexOf(10);
    const head: unknown = JSON.parse(bytes.toString("utf8", 0, end));
    if (typeof head !== "object" || head === null || !("url" in head) || typeof head.url !== "string")
      return [];
    const headers =
      "headers" in head && typeof head.headers === "object" && head.headers !== null ? head.headers : {};
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    return [{ file, url: head.url, headers: plain, body: bytes.subarray(end + 1) }];
  } catch {
    return [];
  }
}
