import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { withoutGo } from "../../../../test/fakes/go-toolchains.ts";
import { readGoBinary } from "./binary.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-request-pattern-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// That a missing tool chain is a fault with CI=true, go-binary.test.ts sees to.
const plain = "http.NotFoundHandler().ServeHTTP(w, r)";
const programs: readonly (readonly [
  what: string,
  handler: string,
  flags: readonly string[],
  isRead: boolean,
])[] = [
  ["a handler gets the request itself", plain, [], true],
  ["and asks others", `http.DefaultClient.Do(r); http.Get("http://localhost"); ${plain}`, [], true],
  [
    "a handler gets one with another context",
    "http.NotFoundHandler().ServeHTTP(w, r.WithContext(r.Context()))",
    [],
    false,
  ],
  ["a handler gets a clone", "http.NotFoundHandler().ServeHTTP(w, r.Clone(r.Context()))", [], false],
  ["a handler gets a copy made by hand", "own := *r; http.NotFoundHandler().ServeHTTP(w, &own)", [], false],
  [
    "net/http itself makes a copy",
    'http.StripPrefix("/a", http.NotFoundHandler()).ServeHTTP(w, r)',
    [],
    false,
  ],
  ["a program that may be loaded anywhere", plain, ["-buildmode=pie"], false],
];

test.skipIf(withoutGo("routes of requests that end") !== undefined).each(programs)(
  "%s",
  (what, handler, flags, isRead) => {
    const own = path.join(folder, what.replaceAll(/\W/g, "-"));
    mkdirSync(own);
    writeFileSync(path.join(own, "go.mod"), "module routes.example/routes\n\ngo 1.18\n");
    writeFileSync(
      path.join(own, "main.go"),
      `package main

import "net/http"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { ${handler} })
	http.ListenAndServe("127.0.0.1:0", nil)
}
`,
    );
    execFileSync("go", ["build", ...flags, "-o", "routes", "."], { cwd: own });
    const { build, requestPattern } = readGoBinary(path.join(own, "routes"));
    // As the compiler has it, see internal/abi: reflect says the same of http.Request.
    const known = process.arch === "x64" && build.minor >= 23;
    expect(requestPattern).toBe(isRead && known ? 232 : 0);
  },
);
