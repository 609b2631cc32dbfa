/**
 * Runs the demo application of the repository: installs what changed, starts its database, its services under the launcher, and visitors,
 * keeps them running, and stops them in order. What the machine lacks is said in one line each and the rest runs.
 * Read next: `programs.ts` (what is started how), `supervise.ts` (restarts), `install.ts`.
 */
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { systemClock, type Clock } from "../../base/clock.ts";
import { messageOf, OtelierError } from "../../base/error.ts";
import type { ProgressOutput } from "../../instrument/progress.ts";
import { Company } from "./company.ts";
import { startDatabase } from "./database.ts";
import { waitForHealth } from "./health.ts";
import { buildInventory, installReviews, installStorefront, type InstallOptions } from "./install.ts";
import { instrumentedBy } from "./instrumented.ts";
import { leftoversIn } from "./leftovers.ts";
import { freePort } from "./ports.ts";
import {
  inventoryProgram,
  loadProgram,
  paymentsProgram,
  programEnvironment,
  reviewsProgram,
  storefrontProgram,
  wantedPorts,
  type InstrumentProgram,
  type Places,
  type Ports,
} from "./programs.ts";
import { findGo, findNpm, findPython, type Environment } from "./toolchains.ts";

export interface DemoOptions {
  /** The repository's root, which holds demo/. */
  readonly root: string;
  /** The stack's data folder; the demo keeps to `demo/` in it. */
  readonly dataDir: string;
  /** Base URL of the stack's OTLP receiver: "http://127.0.0.1:4318". */
  readonly otlpEndpoint: string;
  /** Tenant that the programs name; absent or '' where there is one only. */
  readonly tenant?: string;
  /** Where the installation of agents shows how far it is; `output` takes a line for each when it is left out. */
  readonly progress?: ProgressOutput;
  /** Takes lines for the terminal, without line break and without "otelier: " before them. */
  readonly output: (line: string) => void;
  /** Stops everything, in order, also in the middle of starting. */
  readonly signal: AbortSignal;
  readonly environment: Environment;
  readonly clock?: Clock;
  /** First ports to try; for tests. */
  readonly ports?: Ports;
  /** How services are started; the launcher unless a test wants them plain. */
  readonly instrument?: InstrumentProgram;
}

export interface DemoService {
  readonly name: string;
  readonly url: string;
}

export interface RunningDemo {
  /** What answered its health route; the storefront first. */
  readonly services: readonly DemoService[];
  /** Why other services do not run, one line each; they were given to `output` too. */
  readonly missing: readonly string[];
  /** Folder of the log files, one a program. */
  readonly logs: string;
  /** Stops visitors, storefront, APIs and database in this order; resolves when all have ended, within 25 s. May be called again. */
  stop(): Promise<void>;
}

const healthTimeoutMs = 30_000;

/**
 * Resolves when every service that can run answers (or has had 30 s to) and the visitors are under way. Rejects with "demo-missing" when
 * `root` holds no demo; whatever else goes wrong leaves services out, with a line.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const demo = path.join(options.root, "demo");
  if (!existsSync(path.join(demo, "storefront", "package.json"))) {
    throw new OtelierError(
      `cannot start the demo: ${demo} does not hold it; the demo needs the repository (git clone it and run npm start there)`,
      { code: "demo-missing", outcome: "permanent" },
    );
  }
  const clock = options.clock ?? systemClock;
  const data = path.join(options.dataDir, "demo");
  mkdirSync(data, { recursive: true });
  const leftovers = leftoversIn(path.join(data, "processes"), clock);
  const ended = await leftovers.endAll();
  if (ended > 0) options.output(`demo: ended ${ended} programs that an earlier run left behind`);
  const environment = programEnvironment(options.environment, options.tenant);
  const ports = await choosePorts(options.ports ?? wantedPorts);
  const places: Places = { demo, data, ports, environment };
  const instrument = options.instrument ?? instrumentedBy(options);
  const company = new Company({ logs: data, clock, leftovers, output: options.output });
  const onAbort = (): void => void company.stop();
  options.signal.addEventListener("abort", onAbort);
  if (options.signal.aborted) onAbort();

  const missing: string[] = [];
  const miss = (line: string): undefined => {
    if (options.signal.aborted) return undefined;
    missing.push(line);
    options.output(line);
    return undefined;
  };
  const install: InstallOptions = {
    demo,
    cache: path.join(data, "cache"),
    environment,
    output: options.output,
    signal: options.signal,
  };

  async function startStorefront(): Promise<void> {
    const npm = await findNpm(environment);
    if (npm.kind === "missing") return miss(npm.line);
    await installStorefront(npm, install);
    company.hire("front", storefrontProgram(places), instrument);
  }
  async function startReviews(): Promise<void> {
    const python = await findPython(environment);
    if (python.kind === "missing") return miss(python.line);
    const interpreter = await installReviews(python, install);
    company.hire("api", reviewsProgram(places, interpreter), instrument);
  }
  async function startInventory(): Promise<void> {
    const go = await findGo(environment);
    if (go.kind === "missing") return miss(go.line);
    const [executable, databaseUrl] = await Promise.all([
      buildInventory(go, install),
      startDatabase(places, company, options.signal),
    ]);
    company.hire("api", inventoryProgram(places, executable, databaseUrl), instrument);
  }
  const attempt = (name: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => miss(`the "${name}" service will not run: ${messageOf(error)}`));

  company.hire("api", paymentsProgram(places), company.plain);
  const services = await Promise.all(
    (
      [
        ["storefront", startStorefront],
        ["reviews", startReviews],
        ["inventory", startInventory],
      ] as const
    ).map(async ([name, start]) => {
      await attempt(name, start());
      return (await answers(name)) ? [{ name, url: `http://127.0.0.1:${ports[name]}` }] : [];
    }),
  ).then((found) => found.flat());

  async function answers(name: "storefront" | "reviews" | "inventory"): Promise<boolean> {
    const member = company.member(name);
    if (member === undefined) return false;
    // Its agent may have to be installed first, which takes as long as it takes.
    await member.started;
    const url = `http://127.0.0.1:${ports[name]}/healthz`;
    const { signal } = options;
    const healthy = await waitForHealth(url, {
      timeoutMs: healthTimeoutMs,
      clock,
      signal,
      alive: member.alive,
    });
    if (!healthy) miss(`the "${name}" service does not answer at ${url}; see ${company.logPath(name)}`);
    return healthy;
  }

  if (services.some(({ name }) => name === "storefront"))
    company.hire("load", loadProgram(places), company.plain);
  if (services.length > 0 && !options.signal.aborted) {
    options.output(`demo: ${services.map(({ name, url }) => `${name} ${url}`).join(", ")}; logs in ${data}`);
  }
  return {
    services,
    missing,
    logs: data,
    stop: () => {
      options.signal.removeEventListener("abort", onAbort);
      return company.stop();
    },
  };
}

async function choosePorts(wanted: Ports): Promise<Ports> {
  const taken = new Set<number>();
  return {
    storefront: await freePort(wanted.storefront, taken),
    reviews: await freePort(wanted.reviews, taken),
    inventory: await freePort(wanted.inventory, taken),
    payments: await freePort(wanted.payments, taken),
    database: await freePort(wanted.database, taken),
  };
}
