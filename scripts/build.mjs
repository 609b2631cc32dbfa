// Builds dist/: compiles src/, copies what is no TypeScript beside it, builds the UI. Skips what did not change.
// Plain JavaScript because it runs before anything is compiled.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const force = process.argv.includes("--force");

/** @param {string[]} inputs files or folders @returns {string} a hash of names and contents */
function hashOf(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    const full = path.join(root, input);
    if (!existsSync(full)) continue;
    const files = statSync(full).isDirectory()
      ? readdirSync(full, { recursive: true, encoding: "utf8" })
          .sort()
          .map((name) => path.join(input, name))
      : [input];
    for (const file of files) {
      if (
        file.includes("node_modules") ||
        file.includes("__pycache__") ||
        file.startsWith("ui/dist") ||
        !statSync(path.join(root, file)).isFile()
      )
        continue;
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(path.join(root, file)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** Runs `build` unless the inputs are those of the last successful run and the output still exists. */
function step(name, inputs, output, build) {
  const stamp = path.join(root, "dist", `.${name}.hash`);
  const hash = hashOf(inputs);
  if (
    !force &&
    existsSync(path.join(root, output)) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === hash
  )
    return;
  process.stderr.write(`building ${name}\n`);
  build();
  mkdirSync(path.join(root, "dist"), { recursive: true });
  writeFileSync(stamp, hash);
}

const bin = (name) => path.join(root, "node_modules/.bin", name);
const run = (command, args, cwd = root) => execFileSync(command, args, { cwd, stdio: ["ignore", 2, 2] });

/** @returns {string | undefined} a clang that builds for BPF */
function findClang() {
  for (const name of ["clang", "clang-19", "clang-16", "clang-15", "clang-14"]) {
    const targets = spawnSync(name, ["--print-targets"], { encoding: "utf8" });
    if (targets.status === 0 && /\bbpf\b/.test(targets.stdout)) return name;
  }
  return undefined;
}

step("program", ["src", "tsconfig.json", "tsconfig.build.json", "package.json"], "dist/main.js", () => {
  for (const name of existsSync(path.join(root, "dist")) ? readdirSync(path.join(root, "dist")) : []) {
    if (name !== "ui" && name !== "bpf" && name !== "java" && !name.startsWith("."))
      rmSync(path.join(root, "dist", name), { recursive: true });
  }
  run(bin("tsc"), ["-p", "tsconfig.build.json"]);
  for (const name of readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })) {
    const source = path.join(root, "src", name);
    const compiled = name.includes("__pycache__") || name.startsWith("instrument/java/");
    if (/(^|\/)hook\//.test(name) && statSync(source).isFile() && !compiled)
      cpSync(source, path.join(root, "dist", name));
  }
  chmodSync(path.join(root, "dist/main.js"), 0o755);
});
const clang = findClang();
if (clang === undefined) {
  process.stderr.write(
    "not building bpf: clang is not installed, so Go programs cannot be traced; install it (Debian: apt-get install clang) and build again\n",
  );
} else {
  step("bpf", ["bpf", "scripts/build.mjs"], "dist/bpf/go.x64.bpf.o", () => {
    mkdirSync(path.join(root, "dist/bpf"), { recursive: true });
    for (const name of readdirSync(path.join(root, "bpf")).filter((each) => each.endsWith(".bpf.c"))) {
      for (const [processor, macro] of [
        ["x64", "TARGET_X64"],
        ["arm64", "TARGET_ARM64"],
      ]) {
        const output = path.join(root, "dist/bpf", name.replace(".bpf.c", `.${processor}.bpf.o`));
        const flags = ["-target", "bpf", "-mcpu=v2", "-O2", "-Wall", "-Werror", `-D${macro}`];
        run(clang, [...flags, "-c", path.join(root, "bpf", name), "-o", output]);
      }
    }
  });
}
if (spawnSync("javac", ["-version"]).status !== 0) {
  process.stderr.write(
    "not building java: javac is not installed, so Java programs cannot be instrumented; install it (Debian: apt-get install default-jdk-headless) and build again\n",
  );
} else {
  step("java", ["src/instrument/java/hook", "scripts/build.mjs"], "dist/java/otelier-java-hook.jar", () => {
    const sources = path.join(root, "src/instrument/java/hook");
    const classes = path.join(root, "dist/java/classes");
    rmSync(path.join(root, "dist/java"), { recursive: true, force: true });
    mkdirSync(classes, { recursive: true });
    const files = readdirSync(path.join(sources, "otelier/hook")).map((name) =>
      path.join(sources, "otelier/hook", name),
    );
    // Class files that Java 8 loads; newer compilers call that old, which is no news.
    run("javac", ["--release", "8", "-Xlint:-options", "-d", classes, ...files]);
    const jar = path.join(root, "dist/java/otelier-java-hook.jar");
    run("jar", [
      "--create",
      "--file",
      jar,
      "--manifest",
      path.join(sources, "MANIFEST.MF"),
      "-C",
      classes,
      ".",
    ]);
    rmSync(classes, { recursive: true });
  });
}
step("ui", ["ui", "src/api/explore/wire.ts", "package-lock.json"], "dist/ui/index.html", () => {
  run("npm", ["run", "--silent", "build", "--workspace", "ui", "--", "--logLevel", "warn"]);
  rmSync(path.join(root, "dist/ui"), { recursive: true, force: true });
  cpSync(path.join(root, "ui/dist"), path.join(root, "dist/ui"), { recursive: true });
});
