import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goToolchains, withoutGo } from "../../fakes/go-toolchains.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const fixture = path.join(root, "test/fixtures/ebpf/routers");
const refused = (await tracingRefused("routes of Go's routers")) ?? withoutGo("routes of Go's routers");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-routers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const strip = "-ldflags=-s -w";
interface Build {
  readonly what: string;
  readonly flags: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Of Go, where it is not the installed one. */
  readonly version?: string;
  /** Its Go says that it is one of which no layouts are known. */
  readonly isUnknown?: true;
}

/** The newest routers with the installed Go, routers of some years ago with older ones. */
const builds: readonly Build[] = [
  { what: "the newest, stripped", flags: [strip], environment: process.env },
  {
    what: "the newest, stripped and position-independent",
    flags: [strip, "-buildmode=pie"],
    environment: process.env,
  },
  {
    what: "the newest, with a Go that was not tried",
    flags: [strip],
    environment: process.env,
    isUnknown: true,
  },
  ...(refused === undefined ? goToolchains() : []).map(({ version, environment }) => ({
    what: `of some years ago, with Go ${version}, stripped`,
    flags: ["-modfile=older.mod", strip],
    environment,
    version,
  })),
];

/** Has the program say that another Go built it. */
function disguise(file: string): void {
  const bytes = readFileSync(file);
  const [, version = "", minor = ""] =
    /go(1\.(\d+)\S*)/.exec(execFileSync("go", ["version"], { encoding: "utf8" })) ?? [];
  const unknown = version.replace(`.${minor}`, ".99");
  for (let at = 0; (at = bytes.indexOf(`go${version}`, at)) !== -1; at++) bytes.write(`go${unknown}`, at);
  writeFileSync(file, bytes);
}

/** The route of what a router answers by itself, wherever the request comes from. */
const allRoutes = [
  ["/gin/users/7", "/gin/users/:id"],
  ["/gin/v1/files/a/b.txt", "/gin/v1/files/*path"],
  ["/chi/users", "/chi/users"],
  ["/chi/users/7", "/chi/users/{id}"],
  ["/chi/users/7/orders/9", "/chi/users/{id}/orders/{order:[0-9]+}"],
  ["/chi/files/a/b.txt", "/chi/files/*"],
  ["/echo/users/7", "/echo/users/:id"],
  ["/echo/v1/files/a/b.txt", "/echo/v1/files/*"],
  ["/gorilla/users/a7", "/gorilla/users/{id:[a-z0-9]+}"],
  ["/gorilla/users/7/orders/9", "/gorilla/users/{id}/orders/{order}"],
  ["/httprouter/plain", "/httprouter/plain"],
  ["/httprouter/users/7", "/httprouter/users/:id"],
  ["/httprouter/users/7/orders/9", "/httprouter/users/:id/orders/:order"],
  ["/httprouter/files/a/b.txt", "/httprouter/files/*path"],
] as const;
/** The routers that have a mux inside, and their route of what it gets. */
const muxesInside = [
  ["gin", "/gin/mux/*path"],
  ["chi", "/chi/mux/*"],
  ["echo", "/echo/mux/*"],
  ["gorilla", "/gorilla/mux/"],
] as const;
/** Of httprouter the route is made of the path, which is the whole one. */
const allStripped = [
  ["/stripped/gin/users/7", "/gin/users/:id"],
  ["/stripped/chi/users/7", "/chi/users/{id}"],
  ["/stripped/echo/users/7", "/echo/users/:id"],
  ["/stripped/gorilla/users/a7", "/gorilla/users/{id:[a-z0-9]+}"],
  ["/stripped/httprouter/users/7", "/stripped/httprouter/users/:id"],
] as const;
const unmatched = [
  ["GET", "/gin/none"],
  ["POST", "/gin/users/7"],
  ["GET", "/chi/none"],
  ["GET", "/chi/users/7/none"],
  ["POST", "/chi/users/7"],
  ["GET", "/echo/none"],
  ["GET", "/echo/no%20ne"],
  ["GET", "/echo/no%2Fne"],
  ["GET", "/gorilla/none"],
  ["GET", "/gorilla/users/7/orders/"],
  ["POST", "/gorilla/users/a7"],
  ["GET", "/httprouter/none"],
  ["GET", "/httprouter/users/7/none"],
  ["POST", "/httprouter/users/7"],
] as const;

describe.skipIf(refused !== undefined).each(builds)(
  "routers, $what",
  ({ what, flags, environment, version, isUnknown }) => {
    // httprouter is only watched where calls can be.
    const known = (target: string): boolean => isUnknown !== true || !target.startsWith("/httprouter");
    const routes = allRoutes.filter(([target]) => known(target));
    const stripped = allStripped.filter(([target]) => known(target.replace("/stripped", "")));
    // Of older versions the mux's pattern is read where nothing says how deep it is: what is around it comes later.
    const innerSays = (name: string): boolean => version?.startsWith("1.19.") !== true || name === "gorilla";
    const sink = new OtlpSink();
    let run: Run;

    beforeAll(async () => {
      const binary = path.join(folder, what.replaceAll(/\W+/g, "-"));
      execFileSync("go", ["build", ...flags, "-o", binary, "."], { cwd: fixture, env: environment });
      if (isUnknown === true) disguise(binary);
      await sink.listen();
      run = await startRun(folder, ["--name", "routers", "--endpoint", sink.endpoint, "--", binary]);
    });
    afterAll(async () => {
      await run.end();
      await sink.close();
    });

    /** Name, route and status of the span of one request; `isAlone`: no mux is around the router. */
    async function spanOf(
      target: string,
      { isAlone, method = "GET" }: { readonly isAlone: boolean; readonly method?: string },
    ): Promise<readonly [name: string, route: string | undefined, status: string | undefined]> {
      const key = String(Math.random());
      const headers: Record<string, string> = isAlone ? { alone: target.split("/")[1] ?? "" } : {};
      const query = `${target.includes("?") ? "&" : "?"}key=${key}`;
      await (await fetch(`${run.url}${target}${query}`, { method, headers })).arrayBuffer();
      const found = (): SunkSpan | undefined =>
        sink.spans.find(({ attributes }) => attributes["url.query"]?.endsWith(`key=${key}`) === true);
      await expect.poll(found).toBeDefined();
      const { name, attributes } = found()!;
      return [name, attributes["http.route"], attributes["http.response.status_code"]];
    }

    test("are named", async () => {
      await expect
        .poll(() => run.report())
        .toContain(
          `instrumented net/http server, gin, chi, echo, gorilla/mux${known("/httprouter") ? ", httprouter" : ""} by eBPF`,
        );
    });

    test.each([true, false])("say the route of a request, without a mux around them: %s", async (isAlone) => {
      const found = await Promise.all(routes.map(([target]) => spanOf(target, { isAlone })));
      expect(found).toEqual(routes.map(([, route]) => [`GET ${route}`, route, "200"]));
    });

    test.each([true, false])("leave the route to the mux inside, without one around: %s", async (isAlone) => {
      const found = await Promise.all(
        muxesInside.map(([name]) => spanOf(`/${name}/mux/inner/x`, { isAlone })),
      );
      expect(found.map(([, route]) => route)).toEqual(
        muxesInside.map(([name, route]) => (innerSays(name) ? `/${name}/mux/inner/` : route)),
      );
    });

    test.each([true, false])("leave it to a router inside, without a mux around: %s", async (isAlone) => {
      const inside = [
        "/gin/httprouter/:name",
        "/chi/gin/:name",
        "/echo/gorilla/{name}",
        "/gorilla/chi/{name}",
      ];
      const found = await Promise.all(
        inside.map((route) => spanOf(route.replace(/[^/]+$/, "one"), { isAlone })),
      );
      const httprouterSays = known("/httprouter") ? inside[0] : "/gin/httprouter/*path";
      expect(found.map(([, route]) => route)).toEqual([httprouterSays, ...inside.slice(1)]);
    });

    test("say the route where a mux inside has none", async () => {
      const found = await Promise.all(
        muxesInside.map(([name]) => spanOf(`/${name}/mux/none`, { isAlone: true })),
      );
      expect(found.map(([, route]) => route)).toEqual(muxesInside.map(([, route]) => route));
    });

    test("say none of a request that is not theirs", async () => {
      const found = await Promise.all(
        unmatched.map(([method, target]) => spanOf(target, { isAlone: true, method })),
      );
      expect(found.map(([name, route]) => [name, route])).toEqual(
        unmatched.map(([method]) => [method, undefined]),
      );
      expect(found.filter(([, , status]) => status !== "404" && status !== "405")).toEqual([]);
    });

    test("say none where they find none, inside of a mux that has one", async () => {
      expect(await spanOf("/chi/none", { isAlone: false })).toEqual(["GET /chi/", "/chi/", "404"]);
    });

    test("say their own route where a prefix was taken off the path", async () => {
      const found = await Promise.all(stripped.map(([target]) => spanOf(target, { isAlone: false })));
      expect(found.map(([, route]) => route)).toEqual(stripped.map(([, route]) => route));
    });

    test("say the route of a handler that panics, where they recover it", async () => {
      expect(await spanOf("/gin/users/7?panic=1", { isAlone: true })).toEqual([
        "GET /gin/users/:id",
        "/gin/users/:id",
        "500",
      ]);
    });

    test("50 requests at once, of different routes, and more over the same connections", async () => {
      const requests = Array.from({ length: 200 }, (_, index) => ({
        target: routes[index % routes.length]![0],
        route: routes[index % routes.length]![1],
        isAlone: index % 3 === 0,
      }));
      const wrong: string[] = [];
      const work = async (from: number): Promise<void> => {
        for (let at = from; at < requests.length; at += 50) {
          const { target, route, isAlone } = requests[at]!;
          const [, found] = await spanOf(target, { isAlone });
          if (found !== route) wrong.push(`${target}: ${found}`);
        }
      };
      await Promise.all(Array.from({ length: 50 }, (_, index) => work(index)));
      expect(wrong).toEqual([]);
    });
  },
);
