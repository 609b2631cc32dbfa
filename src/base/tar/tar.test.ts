import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseHeader, printHeader } from "./header.ts";
import { readTar, writeTar, type ArchiveFile } from "./tar.ts";

function file(name: string, content: Buffer): ArchiveFile {
  return {
    path: name,
    sizeBytes: content.length,
    async *content() {
      for (let at = 0; at < content.length; at += 700) yield content.subarray(at, at + 700);
    },
  };
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const files = [
  file("empty", Buffer.alloc(0)),
  file("a/one block", Buffer.alloc(512, 1)),
  file("a/more", Buffer.from("x".repeat(1500))),
  file(`${"directory/".repeat(14)}${"n".repeat(90)}`, Buffer.from("long path")),
];

describe("an archive", () => {
  it.each([1, 511, 512, 513, 100_000])(
    "gives back its files, however it comes (%i bytes a piece)",
    async (size) => {
      const archive = await joined(writeTar(files, 1_700_000_000));
      const found: [string, string][] = [];
      for await (const one of readTar(inPieces(archive, size)))
        found.push([one.path, (await joined(one.content())).toString()]);
      const wanted = await Promise.all(
        files.map(async (one) => [one.path, (await joined(one.content())).toString()]),
      );
      expect(found).toEqual(wanted);
    },
  );

  it("skips what is not read", async () => {
    const names: string[] = [];
    for await (const one of readTar(inPieces(await joined(writeTar(files, 0)), 1000))) names.push(one.path);
    expect(names).toEqual(files.map((one) => one.path));
  });

  it("is what tar reads", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "otelier-tar-"));
    writeFileSync(path.join(folder, "a.tar"), await joined(writeTar(files, 0)));
    execFileSync("tar", ["-xf", "a.tar"], { cwd: folder });
    expect(readFileSync(path.join(folder, "a/more"), "utf8")).toBe("x".repeat(1500));
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["in a header", 700, /ends early/],
    ["in a file", 1100, /middle of a file/],
    ["before its end", -512, /ends early/],
  ])("that is cut %s is noticed", async (_, at, message) => {
    const archive = (await joined(writeTar(files, 0))).subarray(0, at);
    const read = async (): Promise<void> => {
      for await (const one of readTar(inPieces(archive, 512))) await joined(one.content());
    };
    await expect(read()).rejects.toThrow(message);
  });
});

describe("a header", () => {
  it.each([0, 0o77777777777, 0o77777777777 + 1, 2 ** 50])("holds a size of %i bytes", (sizeBytes) => {
    expect(parseHeader(printHeader({ path: "a", sizeBytes }, 0))).toEqual({ path: "a", sizeBytes });
  });
  it("that is changed is refused", () => {
    const header = printHeader({ path: "a", sizeBytes: 1 }, 0);
    header[0] = 0x62;
    expect(() => parseHeader(header)).toThrow("damaged");
  });
  it("refuses a path without a place to cut", () => {
    expect(() => printHeader({ path: "x".repeat(101), sizeBytes: 0 }, 0)).toThrow("too long");
  });
});
