import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { defaultConfig } from "../../../pipeline/settings/decode.ts";
import { checkFileStorage, fileStorageConfig, type FileStorageConfig } from "./config.ts";
import { createFileStorage } from "./file-storage.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-file-storage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (more: Partial<FileStorageConfig> = {}): FileStorageConfig => ({
  ...defaultConfig(fileStorageConfig),
  directory: folder,
  timeout: 0,
  ...more,
});
const storage = (more: Partial<FileStorageConfig> = {}): ReturnType<typeof createFileStorage> =>
  createFileStorage(testSettings("extension", "file_storage"), config(more));

describe("the configuration", () => {
  const compaction = defaultConfig(fileStorageConfig).compaction;
  it.each<[string, () => Partial<FileStorageConfig>, string[]]>([
    ["a directory that exists", () => ({}), []],
    [
      "none",
      () => ({ directory: path.join(folder, "none") }),
      [
        "directory must exist: stat FOLDER/none: no such file or directory. You can enable the create_directory option to automatically create it",
      ],
    ],
    ["none, to be created", () => ({ directory: path.join(folder, "none"), create_directory: true }), []],
    [
      "a file",
      () => {
        writeFileSync(path.join(folder, "file"), "");
        return { directory: path.join(folder, "file") };
      },
      ["FOLDER/file is not a directory"],
    ],
    [
      "a negative transaction size",
      () => ({ compaction: { ...compaction, max_transaction_size: -1 } }),
      ["max transaction size for compaction cannot be less than 0"],
    ],
    [
      "rebound without interval",
      () => ({ compaction: { ...compaction, on_rebound: true, check_interval: 0 } }),
      ["compaction check interval must be positive when rebound compaction is set"],
    ],
    [
      "permissions that are no number",
      () => ({ create_directory: true, directory_permissions: "rwx" }),
      ["directory_permissions value must be a valid octal representation"],
    ],
    [
      "permissions with more bits",
      () => ({ create_directory: true, directory_permissions: "1777" }),
      ["directory_permissions contain invalid bits for file access"],
    ],
  ])("%s", (_, given, expected) => {
    const found = checkFileStorage(config(given()), yamlNode("{}"), "extensions::file_storage");
    const texts = found.map(({ message }) => message.replaceAll(folder, "FOLDER").replace(/^.*?: /, ""));
    expect(texts).toEqual(expected);
  });
});

describe("a queue's folder", () => {
  it("has the name of its owner, with what is unsafe in a file name told by its code", async () => {
    const opened = await storage().openQueue("exporter_otlp_http/a b_traces");
    expect(path.basename(opened.path)).toBe("exporter_otlp_http~002Fa~0020b_traces");
    opened.release();
  });

  it("is held by one at a time", async () => {
    const first = await storage().openQueue("q");
    await expect(storage().openQueue("q")).rejects.toMatchObject({ code: "storage-in-use" });
    first.release();
    (await storage().openQueue("q")).release();
  });

  it("is waited for as long as timeout says", async () => {
    const first = await storage().openQueue("q");
    const second = storage({ timeout: 600_000 }).openQueue("q");
    first.release();
    (await second).release();
  });

  it("is taken over from a process that ended", async () => {
    const first = await storage().openQueue("q");
    first.release();
    writeFileSync(path.join(first.path, "otelier.pid"), JSON.stringify({ pid: 2 ** 22 + 1, started: "1" }));
    (await storage().openQueue("q")).release();
    expect(readdirSync(first.path)).toEqual([]);
  });

  it("is made with the permissions asked for", async () => {
    const directory = path.join(folder, "new");
    const extension = storage({ directory, create_directory: true, directory_permissions: "0700" });
    await extension.start({ extension: () => undefined, fail: () => undefined });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });
});
