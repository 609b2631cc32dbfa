import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";

const watcher = `
  import { whenParentEnds } from ${JSON.stringify(path.join(import.meta.dirname, "when-parent-ends.mjs"))};
  whenParentEnds(() => { console.log("ended"); process.exit(); });
  console.log("watching");
  setInterval(() => {}, 1000);
`;

test("a program hears that the shell which started it was ended", async () => {
  const node = `"${process.execPath}" --input-type=module --eval "$WATCHER"; true`;
  const shell = spawn("sh", ["-c", node], {
    env: { ...process.env, WATCHER: watcher },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  shell.stdout.on("data", (data: Buffer) => {
    said += data.toString();
    if (said === "watching\n") shell.kill("SIGTERM");
  });
  await once(shell, "close");
  expect(said).toBe("watching\nended\n");
});
