import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { withoutGo } from "../../../../test/fakes/go-toolchains.ts";
import { readGoBinary } from "./binary.ts";
import { routerOffsets, routers } from "./routers.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-router-layouts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [gin, chi, chi4, echo, gorilla, httprouter] = [
  "github.com/gin-gonic/gin",
  "github.com/go-chi/chi/v5",
  "github.com/go-chi/chi",
  "github.com/labstack/echo/v4",
  "github.com/gorilla/mux",
  "github.com/julienschmidt/httprouter",
];

/** Versions on both sides of each change, and what the words of `struct offsets` are with them. */
const layouts = [
  { modules: { [chi4]: "v1.5.5", [echo]: "v4.1.16" }, words: [48, 120, 16, 1] },
  { modules: { [chi4]: "v4.1.2+incompatible", [echo]: "v4.10.0" }, words: [48, 120, 16, 1] },
  { modules: { [chi]: "v5.0.0", [echo]: "v4.10.2", [gorilla]: "v1.7.4" }, words: [48, 120, 16, 0] },
  { modules: { [chi]: "v5.0.1", [echo]: "v4.11.4", [gorilla]: "v1.8.0" }, words: [176, 160, 16, 0] },
  { modules: { [chi]: "v5.2.2", [echo]: "v4.12.0", [gin]: "v1.7.0" }, words: [176, 160, 80, 0] },
  { modules: { [chi]: "v5.3.0", [echo]: "v4.13.2", [gin]: "v1.9.1" }, words: [176, 160, 88, 0] },
  {
    modules: { [chi]: "v5.5.0", [echo]: "v4.16.4", [gin]: "v1.12.0", [gorilla]: "v1.8.1" },
    words: [176, 160, 88, 0],
  },
] as const;

/** Prints where the compiler puts the fields of the routers' structs, which reflect tells also of those that are not exported. */
function sourceFor(modules: Readonly<Record<string, string>>): string {
  const parts: Readonly<Record<string, readonly string[]>> = {
    [gin!]: ['show(reflect.TypeOf(gin.Context{}), "gin.fullPath", "fullPath")'],
    [chi!]: [
      'show(reflect.TypeOf(chi.Context{}), "chi.RoutePatterns", "RoutePatterns")',
      'show(reflect.TypeOf(chi.Context{}), "chi.routePattern", "routePattern")',
    ],
    [echo!]: [
      'show(reflect.TypeOf(echo.New().NewContext(nil, nil)).Elem(), "echo.path", "path")',
      'show(reflect.TypeOf(echo.New().NewContext(nil, nil)).Elem(), "echo.request", "request")',
    ],
    [gorilla!]: [
      'show(reflect.TypeOf(mux.Route{}), "gorilla.path", "routeConf", "regexp", "path")',
      'show(reflect.TypeOf(mux.Route{}), "gorilla.handler", "handler")',
    ],
  };
  const served: Readonly<Record<string, string>> = {
    [gin!]: "gin.New()",
    [chi!]: "chi.NewRouter()",
    [echo!]: "echo.New()",
    [gorilla!]: "mux.NewRouter()",
  };
  const lines = Object.keys(modules).flatMap((module) => parts[module === chi4 ? chi! : module] ?? []);
  return `package main

import (
	"fmt"
	"net/http"
	"os"
	"reflect"

${Object.keys(modules)
  .map((module) => `	"${module}"`)
  .join("\n")}
)

func show(t reflect.Type, name string, fields ...string) {
	at := uintptr(0)
	for _, name := range fields {
		field, _ := t.FieldByName(name)
		at += field.Offset
		t = field.Type
	}
	fmt.Println(name, at)
}

func main() {
	${lines.join("\n	")}
	if len(os.Args) > 1 {
		${Object.keys(modules)
      .map((module) => `http.Serve(nil, ${served[module === chi4 ? chi! : module]})`)
      .join("\n\t\t")}
	}
}
`;
}

describe.skipIf(withoutGo("layouts of Go's routers") !== undefined)("layouts", () => {
  test.each(layouts.map((layout) => ({ ...layout, what: Object.entries(layout.modules).join(" ") })))(
    "of $what are those of the table",
    ({ modules, words }) => {
      const cwd = path.join(folder, Object.values(modules).join("-"));
      mkdirSync(cwd);
      writeFileSync(path.join(cwd, "main.go"), sourceFor(modules));
      const required = Object.entries(modules).map(([module, version]) => `require ${module} ${version}\n`);
      writeFileSync(
        path.join(cwd, "go.mod"),
        `module layouts.example/layouts\n\ngo 1.22\n\n${required.join("")}`,
      );
      execFileSync("go", ["build", "-mod=mod", "-o", "layouts", "."], { cwd, stdio: "pipe" });
      const file = path.join(cwd, "layouts");
      const { build, libraries } = readGoBinary(file);
      expect(Object.fromEntries(build.modules)).toMatchObject(modules);
      const names = {
        [gin!]: "gin",
        [chi!]: "chi",
        [chi4!]: "chi",
        [echo!]: "echo",
        [gorilla!]: "gorilla/mux",
      };
      expect(libraries).toEqual(
        expect.arrayContaining(["net/http server", ...Object.keys(modules).map((module) => names[module])]),
      );
      const [patterns = 0, pattern = 0, echoPath = 0, echoHasRequest] = routerOffsets(build);
      expect([patterns, pattern, echoPath, echoHasRequest]).toEqual(words);
      // Those of gin and gorilla are in bpf/go-routers.h.
      const expected: Readonly<Record<string, number>> = {
        "gin.fullPath": 112,
        "chi.RoutePatterns": patterns,
        "chi.routePattern": pattern,
        "echo.path": echoPath,
        "echo.request": 0,
        "gorilla.path": 80,
        "gorilla.handler": 0,
      };
      const printed = execFileSync(file, { encoding: "utf8" })
        .trim()
        .split("\n")
        .map((line) => line.split(" ") as [string, string]);
      expect(printed.length).toBeGreaterThan(0);
      const read = printed.filter(([name]) => name !== "echo.request" || echoHasRequest === 1);
      expect(read).toEqual(read.map(([name]) => [name, String(expected[name])]));
    },
    180_000,
  );

  test("a module for which another stands is known by that one's version, and not at all when it is another one's", () => {
    const cwd = path.join(folder, "replaced");
    mkdirSync(path.join(cwd, "own"), { recursive: true });
    writeFileSync(
      path.join(cwd, "go.mod"),
      `module replaced.example/replaced

go 1.22

require (
	${gorilla} v1.8.1
	${httprouter} v1.3.0
)

replace (
	${gorilla} => ${gorilla} v1.8.0
	${httprouter} => ./own
)
`,
    );
    writeFileSync(
      path.join(cwd, "main.go"),
      `package main

import (
	"net/http"

	"${gorilla}"
	"${httprouter}"
)

func main() {
	httprouter.Serve(nil)
	http.Serve(nil, mux.NewRouter())
}
`,
    );
    writeFileSync(path.join(cwd, "own/go.mod"), `module ${httprouter}\n\ngo 1.22\n`);
    writeFileSync(
      path.join(cwd, "own/own.go"),
      'package httprouter\n\nimport "net/http"\n\nfunc Serve(h http.Handler) { http.Handle("/", h) }\n',
    );
    execFileSync("go", ["build", "-mod=mod", "-o", "replaced", "."], { cwd, stdio: "pipe" });
    const { modules } = readGoBinary(path.join(cwd, "replaced")).build;
    expect([modules.get(gorilla!), modules.get(httprouter!)]).toEqual(["v1.8.0", "v1.3.0 => ./own"]);
    expect(routers.filter(({ isRouter }) => isRouter?.(modules)).map(({ name }) => name)).toEqual([
      "gorilla/mux",
    ]);
  });
});

test.each([
  [gin, "v1.6.3"],
  [gin, "v1.13.0"],
  [gin, "v1.9.2-0.20230526082945-1b0f1e3d8a20"],
  [gin, "(devel)"],
  [chi, "v5.6.0"],
  [chi4, "v4.0.2+incompatible"],
  [echo, "v4.1.15"],
  [echo, "v4.13.0"],
  [echo, "v4.17.0"],
  [gorilla, "v1.7.3"],
  [gorilla, "v1.9.0"],
  [httprouter, "v1.4.0"],
] as const)("%s %s is not known", (module, version) => {
  const modules = new Map([[module!, version]]);
  expect(routers.filter(({ isRouter }) => isRouter?.(modules))).toEqual([]);
  expect(routerOffsets({ minor: 26, modules })).toEqual([0, 0, 0, 0, 0]);
});

test("of two versions of chi in a program the newer is known", () => {
  const modules = new Map([
    [chi!, "v5.5.0"],
    [chi4!, "v4.1.2+incompatible"],
  ]);
  const known = routers.filter(({ isRouter }) => isRouter?.(modules));
  expect(known.map(({ required }) => required)).toEqual([["github.com/go-chi/chi/v5.(*Mux).ServeHTTP"]]);
  expect(routerOffsets({ minor: 26, modules })).toEqual([176, 160, 0, 0, 1]);
});
