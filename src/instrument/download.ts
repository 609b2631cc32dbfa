import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { systemClock, type Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";

export interface DownloadOptions {
  readonly url: string;
  /** Where the bytes are collected. What is there already is taken as the file's begin; kept when the connection breaks. */
  readonly file: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly onProgress?: (doneBytes: number) => void;
  readonly clock?: Clock;
}

const attempts = 3;
/** Without a byte for so long, the connection counts as broken. */
const stallMs = 30_000;

/**
 * Fetches a file whose size and SHA-256 are known, and goes on where an earlier try broke off. Rejects with an Error that says why in few
 * words: the server does not answer, refuses, or sent something else (which is deleted). Never keeps more than `sizeBytes` and one chunk.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const clock = options.clock ?? systemClock;
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchRest(options, clock);
      break;
    } catch (error) {
      if (error instanceof Refused || attempt === attempts) throw error;
      await clock.sleep(500 * attempt);
    }
  }
  const found = await sha256Of(options.file);
  if (found === options.sha256) return;
  await rm(options.file, { force: true });
  throw new Refused(
    `${options.url} has the SHA-256 ${found.slice(0, 12)}..., not ${options.sha256.slice(0, 12)}...`,
  );
}

/** An answer that another try would not change. */
class Refused extends Error {}

async function fetchRest(options: DownloadOptions, clock: Clock): Promise<void> {
  let done = await sizeOf(options.file);
  if (done === options.sizeBytes) return;
  if (done > options.sizeBytes) done = 0;
  const stalled = new AbortController();
  let cancel = clock.schedule(stallMs, () => stalled.abort());
  try {
    const response = await ask(options.url, done, stalled.signal);
    if (!response.ok) throw new Refused(`${options.url} answers HTTP ${response.status}`);
    // A server may send the whole file although a part was asked for.
    if (response.status !== 206) done = 0;
    const file = await open(options.file, done === 0 ? "w" : "a", 0o600);
    try {
      for await (const chunk of response.body ?? []) {
        cancel();
        cancel = clock.schedule(stallMs, () => stalled.abort());
        await file.write(chunk);
        done += chunk.length;
        options.onProgress?.(done);
        if (done > options.sizeBytes)
          throw new Refused(`${options.url} is larger than ${options.sizeBytes} bytes`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (done < options.sizeBytes) throw new Error(`the connection broke after ${done} bytes`);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Error(reasonOf(error, options.url), { cause: error });
  } finally {
    cancel();
  }
}

function ask(url: string, from: number, signal: AbortSignal): Promise<Response> {
  return fetch(url, { signal, ...(from === 0 ? {} : { headers: { range: `bytes=${from}-` } }) });
}

function reasonOf(error: unknown, url: string): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string"
    ? `${new URL(url).host} does not answer (${code})`
    : `${new URL(url).host}: ${messageOf(cause)}`;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** In hexadecimal. Rejects when the file cannot be read. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
