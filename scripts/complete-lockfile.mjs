// Adds to package-lock.json the packages for other platforms that a partial registry mirror did not offer when the file was written, so that
// `npm ci` accepts it everywhere. They are optional, exact in version, and only fetched on their own platform. Run it after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "../package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = [
  "darwin",
  "linux",
  "win32",
  "android",
  "freebsd",
  "openharmony",
  "aix",
  "netbsd",
  "openbsd",
  "sunos",
];
const processors = ["arm64", "x64", "arm", "ia32", "ppc64", "riscv64", "s390x", "mips64el", "loong64"];

/** @param {string} name @param {string[]} words @returns {string[]} the words that stand between dashes in the name */
const wordsIn = (name, words) => words.filter((word) => name.split(/[-/]/).includes(word));

let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    const [system] = wordsIn(name, systems);
    if (lock.packages[place] !== undefined || system === undefined || !/^\d/.test(version)) continue;
    const [processor] = wordsIn(name, processors);
    lock.packages[place] = {
      version,
      ...(processor === undefined ? {} : { cpu: [processor] }),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      os: [system],
    };
    added++;
  }
}
const sorted = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted.map((name) => [name, lock.packages[name]]));
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);
