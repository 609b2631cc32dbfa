// Runs the shop's own PostgreSQL in the foreground: creates a private data directory with schema and seed the first time.
//   node start.mjs --data DIR [--cache DIR] [--port N] [--until-stdin-ends]
// Prints "ready <url>" on stdout when it accepts connections, progress on stderr. SIGTERM or SIGINT stop it.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { embeddedBinaries, installedBinaries } from "./binaries.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    cache: { type: "string" },
    port: { type: "string", default: "0" },
    "until-stdin-ends": { type: "boolean", default: false },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);

try {
  await run();
} catch (error) {
  say(`cannot start the database: ${error.message}`);
  process.exit(1);
}

async function run() {
  if (values.data === undefined) throw new Error("--data DIR is missing");
  process.umask(0o022);
  const owner = unprivileged();
  const data = reachable(resolve(values.data), owner);
  const bin = installedBinaries() ?? embeddedBinaries(reachable(resolve(values.cache ?? values.data), owner), say);
  const version = spawnSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).stdout.trim();
  const sql = ["schema.sql", "seed.sql"].map((name) => readFileSync(new URL(name, import.meta.url), "utf8")).join("\n");
  const key = createHash("sha256").update(version).update(sql).digest("hex").slice(0, 12);
  const cluster = join(data, `postgres-${key}`);
  if (!existsSync(join(cluster, "seeded"))) create(bin, cluster, sql, owner);
  await stopLeftover(cluster);
  await serve(bin, cluster, owner);
}

/** PostgreSQL refuses to run as root, so root lends it to "postgres" or "nobody". */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const account = ["postgres", "nobody"].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean);
  if (account === undefined) throw new Error('run as root, but neither user "postgres" nor "nobody" exists');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** `path`, or a folder below /var/tmp where the unprivileged user may not pass through the folders above. */
function reachable(path, owner) {
  if (owner.uid === undefined) return path;
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) {
      const other = join("/var/tmp", `bramble-and-buoy-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`);
      mkdirSync(other, { recursive: true });
      if (lstatSync(other).uid !== 0) throw new Error(`${other} belongs to somebody else; remove it`);
      return other;
    }
  }
  return path;
}

function create(bin, cluster, sql, owner) {
  say("creating the database");
  rmSync(cluster, { recursive: true, force: true });
  mkdirSync(dirname(cluster), { recursive: true });
  mkdirSync(cluster, { mode: 0o700 });
  const password = `${cluster}.password`;
  writeFileSync(password, randomBytes(18).toString("base64url"), { mode: 0o600 });
  if (owner.uid !== undefined) for (const path of [cluster, password]) chownSync(path, owner.uid, owner.gid);
  const files = join(cluster, "files");
  const step = (program, args, input) => {
    const done = spawnSync(join(bin, program), args, { ...owner, cwd: cluster, env: environment(), encoding: "utf8", input });
    if (done.status !== 0) throw new Error(`${program} failed: ${(done.stderr || done.error?.message || "").trim().split("\n").pop()}`);
  };
  step("initdb", ["-D", files, "-U", "shop", "--pwfile", password, "-E", "UTF8", "--locale=C", "--auth-local=reject", "--auth-host=scram-sha-256", "--no-sync"]);
  // The single-user backend takes one statement a line and needs neither a port nor a client program.
  const single = ["--single", "-D", files, "-c", "exit_on_error=on"];
  step("postgres", [...single, "postgres"], "CREATE DATABASE shop;\n");
  step("postgres", [...single, "shop"], sql);
  writeFileSync(join(cluster, "seeded"), "");
}

function environment() {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}

/** Stops a server that an earlier run left behind in this same directory. */
async function stopLeftover(cluster) {
  const file = join(cluster, "files", "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const ours = () => {
    try {
      process.kill(pid, 0);
      const commandLine = `/proc/${pid}/cmdline`;
      return !existsSync("/proc/self") || (existsSync(commandLine) && readFileSync(commandLine, "utf8").includes(cluster));
    } catch {
      return false;
    }
  };
  if (!(pid > 0) || !ours()) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; ours() && waited < 50; waited++) await wait(100);
}

async function serve(bin, cluster, owner) {
  const port = Number(values.port) || (await freePort());
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port,
    max_connections: 40,
    shared_buffers: "24MB",
    fsync: "off",
    synchronous_commit: "off",
    max_wal_size: "64MB",
    min_wal_size: "32MB",
    log_checkpoints: "off",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", join(cluster, "files"), ...options], {
    ...owner,
    cwd: cluster,
    env: environment(),
    stdio: ["ignore", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => server.on("exit", (code, signal) => resolve({ code, signal })));
  server.on("error", (error) => say(`cannot run ${bin}/postgres: ${error.message}`));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    server.kill("SIGINT");
    setTimeout(() => server.kill("SIGQUIT"), 5000).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
  if (values["until-stdin-ends"]) process.stdin.on("end", stop).on("error", stop).resume();
  let ready = false;
  server.stderr.setEncoding("utf8");
  server.stderr.on("data", (text) => {
    process.stderr.write(text);
    if (ready || !text.includes("ready to accept connections")) return;
    ready = true;
    const password = readFileSync(`${cluster}.password`, "utf8");
    process.stdout.write(`ready postgres://shop:${password}@127.0.0.1:${port}/shop?sslmode=disable\n`);
  });
  const { code, signal } = await ended;
  process.exit(stopping ? 0 : (code ?? (signal ? 1 : 0)));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
