import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { createManualClock } from "../../test/fakes/manual-clock.ts";
import { WatchedFile } from "./watched-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-watched-"));
const file = path.join(folder, "secret");
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("follows a file: looked at once a second, replaced or gone", async () => {
  const clock = createManualClock();
  const watched = new WatchedFile(file, clock);
  await expect(watched.read()).rejects.toMatchObject({ code: "cannot-read-file", outcome: "permanent" });
  writeFileSync(file, "one");
  expect(await watched.read()).toBe("one");
  writeFileSync(`${file}.new`, "two!");
  renameSync(`${file}.new`, file);
  expect(await watched.read()).toBe("one");
  await clock.advance(1000);
  expect(await watched.read()).toBe("two!");
  rmSync(file);
  await clock.advance(1000);
  expect(await watched.read()).toBe("two!");
});
