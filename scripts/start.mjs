// `npm start`: installs and builds what changed, then runs the stack with the demo. Arguments go to `otelier up`.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { whenParentEnds } from "./when-parent-ends.mjs";

const root = path.resolve(import.meta.dirname, "..");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `otelier needs Node.js 20.19 or newer, this is ${process.versions.node}: install a newer one (https://nodejs.org)\n`,
  );
  process.exit(2);
}

const stamp = path.join(root, "node_modules", ".otelier-installed");
const lock = createHash("sha256")
  .update(readFileSync(path.join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  process.stderr.write("installing packages (once; the database engine is about 180 MB)\n");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  writeFileSync(stamp, lock);
}
execFileSync(process.execPath, [path.join(root, "scripts/build.mjs")], { cwd: root, stdio: "inherit" });

const child = spawn(
  process.execPath,
  [path.join(root, "dist/main.js"), "up", "--demo", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: "inherit",
  },
);
// The terminal sends Ctrl-C to both, and npm sends it once more; the stack counts a second one only after a while.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// A shell between npm and this one, or npm killed, ends without a word.
if (process.env.npm_lifecycle_event !== undefined) whenParentEnds(() => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128 + 2)));
