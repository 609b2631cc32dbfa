import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProcess } from "../../../src/instrument/process.ts";
import { startDemo, type RunningDemo } from "../../../src/stack/demo/demo-runner.ts";
import type { InstrumentProgram } from "../../../src/stack/demo/programs.ts";
import { findGo, findNpm, findPython } from "../../../src/stack/demo/toolchains.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const ports = { storefront: 28_080, reviews: 28_180, inventory: 28_280, payments: 28_380, database: 28_480 };
const plain: InstrumentProgram = (program, output) => startProcess({ ...program, output });

/** A zombie, which nobody has waited for yet, is not running. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, "utf8"));
}

let folder: string;
let demo: RunningDemo;
const lines: string[] = [];
const pids = (): readonly number[] =>
  readFileSync(path.join(folder, "demo", "processes"), "utf8")
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ")[0]));

function options(signal: AbortSignal, environment = process.env): Parameters<typeof startDemo>[0] {
  return {
    root,
    dataDir: folder,
    otlpEndpoint: "http://127.0.0.1:1",
    instrument: plain,
    output: (line) => lines.push(line),
    signal,
    environment,
    ports,
  };
}

// Without its toolchains the demo cannot show everything; the line says what this machine lacks.
const toolchains = await Promise.all([findNpm(process.env), findPython(process.env), findGo(process.env)]);
const lacking = toolchains.flatMap((each) => (each.kind === "missing" ? [each.line] : []));
for (const line of lacking) process.stderr.write(`tests of the demo are skipped: ${line}\n`);

describe.skipIf(lacking.length > 0)("demo", () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "otelier-demo-"));
    // As root the database runs as another user, who must be able to pass through.
    chmodSync(folder, 0o711);
    demo = await startDemo(options(new AbortController().signal));
  });
  afterAll(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function url(name: string): string {
    const service = demo.services.find((each) => each.name === name);
    if (service === undefined) throw new Error(`"${name}" does not run: ${lines.join("; ")}`);
    return service.url;
  }

  async function page(route: string, form?: Record<string, string>, cookie = ""): Promise<Response> {
    return fetch(url("storefront") + route, {
      redirect: "manual",
      headers: cookie === "" ? {} : { cookie },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
  }

  test("everything runs and nothing is missing", () => {
    expect(demo.missing).toEqual([]);
    expect(demo.services.map(({ name }) => name)).toEqual(["storefront", "reviews", "inventory"]);
    expect(lines.at(-1)).toMatch(/^demo: storefront http:\/\/127\.0\.0\.1:\d+, reviews .*; logs in /);
  });

  describe("storefront", () => {
    test.each([
      ["/", 200, "In the window"],
      ["/products?category=wool", 200, "Shepherd blanket"],
      ["/products/GRD-102", 200, "Harrow Lane pruning shears"],
      ["/products/WOL-602", 200, "Shepherd blanket, stripe"],
      ["/search?q=mug", 200, "Tide table mug"],
      ["/cart", 200, "Nothing in it yet"],
      ["/reports", 200, "Clos du Port"],
      ["/products/GRD-999", 404, "no product has the number GRD-999"],
      ["/products?category=%3Cb%3E", 404, "no shelf called &lt;b&gt;"],
      ["/sale", 404, "Washed away"],
      ["/reports?hours=x", 400, "1 to 720 hours"],
      ["/gift-cards", 500, "Something broke"],
      ["/reports/shelf-density", 502, "Our inventory service has trouble"],
    ])("GET %s is %i", async (route, status, text) => {
      // On a busy machine a service may be too late for the storefront's patience.
      const answer = async (): Promise<readonly [number, boolean]> => {
        const response = await page(route);
        return [response.status, (await response.text()).includes(text)];
      };
      await expect.poll(answer).toEqual([status, true]);
    });

    test("prices come from the inventory, stars from the reviews", async () => {
      await expect
        .poll(async () => (await page("/products/KIT-207")).text())
        .toMatch(/(?=[^]*€15\.90)(?=[^]*★)/);
    });

    test("a cart becomes an order, a declined card does not", async () => {
      const added = await page("/cart", { sku: "SHR-305", quantity: "2" });
      expect(added.status).toBe(303);
      const cookie = added.headers.get("set-cookie")?.split(";")[0] ?? "";
      const declined = await page("/checkout", { customer: "Ada", card: "4000000000000002" }, cookie);
      expect([402, 502, 503, 504]).toContain(declined.status);
      const location = await orderOf(cookie);
      expect(await (await page(location)).text()).toContain("2 × Cork key float");
    });

    test("a review that is wrong in every way is told all of it", async () => {
      const response = await page("/products/KIT-207/reviews", { author: "", stars: "9", text: "wow!!!!" });
      expect(response.status).toBe(422);
      const text = await response.text();
      for (const part of ["name must have", "whole number from 1 to 5", "10 to 1000", "three exclamation"]) {
        expect(text).toContain(part);
      }
    });
  });

  /** Payment fails at times and the warehouse counts at times, as they should; a customer tries again. */
  async function orderOf(cookie: string): Promise<string> {
    for (let attempt = 0; attempt < 40; attempt++) {
      const paid = await page("/checkout", { customer: "Ada", card: "4000000000001000" }, cookie);
      if (paid.status === 303) return paid.headers.get("location") ?? "";
      expect([502, 503, 504]).toContain(paid.status);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new Error("forty checkouts failed in a row");
  }

  test("inventory refuses more than its shelves hold, and what is not a reservation", async () => {
    const ask = (body: unknown): Promise<Response> =>
      fetch(`${url("inventory")}/reservations`, { method: "POST", body: JSON.stringify(body) });
    const answers = [409, 503]; // 503 during the two seconds a minute in which it counts
    expect(answers).toContain((await ask({ cart: "t", lines: [{ sku: "WOL-602", quantity: 9999 }] })).status);
    expect((await ask({ cart: "", lines: [] })).status).toBe(400);
  });

  test("a toggle in the inventory goes there and back", async () => {
    const toggle = async (): Promise<unknown> =>
      (await fetch(`${url("inventory")}/products/LGT-403/featured`, { method: "POST" })).json();
    const twice = async (): Promise<readonly unknown[]> => [await toggle(), await toggle()];
    const there = { sku: "LGT-403", featured: true };
    const back = { sku: "LGT-403", featured: false };
    // Which way depends on the visitors, who do it too, and may do it in between.
    await expect.poll(twice).toSatisfy((both) =>
      [
        [there, back],
        [back, there],
      ].some((each) => isDeepStrictEqual(each, both)),
    );
  });

  test("logs are JSON lines in files, with stacks for what broke", async () => {
    await fetch(`${url("reviews")}/products/WOL-602/recommendations`);
    for (const name of ["storefront", "reviews", "inventory"]) {
      // The line that is being written may be there in part.
      const written = (): readonly string[] =>
        readFileSync(path.join(demo.logs, `${name}.log`), "utf8")
          .split("\n")
          .slice(0, -1);
      await expect
        .poll(() => written().some((line) => line.includes('"stack"')), { message: name })
        .toBe(true);
      expect(written().length).toBeGreaterThan(3);
      for (const line of written()) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  test("visitors come", async () => {
    const log = path.join(demo.logs, "storefront.log");
    const before = readFileSync(log, "utf8").split("\n").length;
    await expect.poll(() => readFileSync(log, "utf8").split("\n").length).toBeGreaterThan(before + 20);
  });

  test("a killed service is started again, and that is said", async () => {
    const reviews = pids().find(
      (pid) =>
        existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("app.py"),
    );
    expect(reviews).toBeDefined();
    process.kill(reviews ?? -1, "SIGKILL");
    await expect
      .poll(() => lines.find((line) => line.includes('"reviews" ended (SIGKILL)')))
      .toMatch(/starting it again in 0\.5 s/);
    await expect
      .poll(async () => (await fetch(`${url("reviews")}/healthz`).catch(() => undefined))?.status)
      .toBe(200);
  });

  test("stopping ends every program; a second start installs nothing", async () => {
    const before = pids();
    await demo.stop();
    expect(before.filter(isRunning)).toEqual([]);
    lines.length = 0;
    demo = await startDemo(options(new AbortController().signal));
    expect(lines.filter((line) => /installing|building|creating/.test(line))).toEqual([]);
    expect(demo.services).toHaveLength(3);
  });

  test("without Python and Go each is said in one line and the storefront degrades", async () => {
    await demo.stop();
    lines.length = 0;
    const bare = mkdtempSync(path.join(tmpdir(), "otelier-bare-path-"));
    for (const program of ["node", "npm", "sh", "env"]) {
      execFileSync("sh", ["-c", `ln -s "$(command -v ${program})" "${bare}/${program}"`]);
    }
    demo = await startDemo(options(new AbortController().signal, { ...process.env, PATH: bare }));
    expect([...demo.missing].sort()).toEqual([
      'go not found: the "inventory" service will not run; install Go 1.22 or newer (https://go.dev/dl, or Debian: apt-get install golang)',
      'python3 not found: the "reviews" service will not run; install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)',
    ]);
    expect(demo.services.map(({ name }) => name)).toEqual(["storefront"]);
    const home = await page("/");
    expect(home.status).toBe(503);
    expect(await home.text()).toContain("Back soon");
    rmSync(bare, { recursive: true, force: true });
  });

  test("what a killed run left behind is ended by the next one", async () => {
    await demo.stop();
    const script = path.join(import.meta.dirname, "run-demo.ts");
    const killed = spawn(process.execPath, ["--import", "tsx", script, folder, "28580"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(killed.stdout, "data");
    const left = pids().filter(isRunning);
    expect(left.length).toBeGreaterThanOrEqual(5);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    lines.length = 0;
    demo = await startDemo(options(new AbortController().signal));
    expect(lines[0]).toMatch(/^demo: ended \d programs that an earlier run left behind$/);
    expect(left.filter(isRunning)).toEqual([]);
    expect(demo.services).toHaveLength(3);
  });

  test.each([0, 150, 400])("an abort %i ms after the start leaves nothing behind", async (delayMs) => {
    await demo.stop();
    const stopping = new AbortController();
    const starting = startDemo(options(stopping.signal));
    setTimeout(() => stopping.abort(), delayMs);
    demo = await starting;
    await demo.stop();
    expect(existsSync(path.join(folder, "demo", "processes"))).toBe(false);
  });
});

test("the seed of the database is made from the product list", async () => {
  const seed = (await import(pathToFileURL(path.join(root, "demo/database/make-seed.mjs")).href)) as {
    makeSeed: (products: unknown) => string;
  };
  const products: unknown = JSON.parse(readFileSync(path.join(root, "demo/reviews/products.json"), "utf8"));
  expect(readFileSync(path.join(root, "demo/database/seed.sql"), "utf8")).toBe(seed.makeSeed(products));
});

test("without a demo folder it says that the repository is needed", async () => {
  await expect(
    startDemo({ ...options(new AbortController().signal), root: import.meta.dirname }),
  ).rejects.toMatchObject({
    code: "demo-missing",
    message: expect.stringContaining("the demo needs the repository") as string,
  });
});
