/** The uninstrumented servers of bench/durations.ts, by port: those of the tests (test/fixtures/ebpf) and nginx, whose programs are installed. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { nginxConfig } from "../../test/e2e/ebpf/nginx-config.ts";
import { start, type Started } from "../../test/e2e/ebpf/started.ts";
import { freePort } from "../../test/fakes/free-port.ts";

const fixtures = join(import.meta.dirname, "../../test/fixtures/ebpf");

/** One that is asked; nginx is it twice, with answers of Python behind it and with a file of its own. */
export interface Asked {
  readonly name: string;
  readonly port: number;
  /** As its spans have it. */
  readonly service: string;
  /** Path of what is answered after so many milliseconds. */
  readonly paths: ReadonlyMap<number, string>;
}

export interface Servers {
  readonly asked: readonly Asked[];
  end(): Promise<void>;
}

/** Starts them; what is missing is said. `delaysMs` is after what they answer. */
export async function startServers(folder: string, delaysMs: readonly number[]): Promise<Servers> {
  const paths = new Map(delaysMs.map((delay) => [delay, `/after/${delay}`]));
  const asked: Asked[] = [];
  const started: Started[] = [];
  const programs: readonly [service: string, name: string, command: string, args: readonly string[]][] = [
    ["python", "Python http.server", "python3", [join(fixtures, "slow.py"), "0"]],
    ["node", "Node.js http", process.execPath, [join(fixtures, "slow.mjs")]],
    ["ruby", "Ruby WEBrick", "ruby", [join(fixtures, "slow.rb")]],
  ];
  const end = async (): Promise<void> => void (await Promise.all(started.map((each) => each.end())));
  try {
    for (const [service, name, command, args] of programs) {
      const isMissing =
        service === "ruby" ? !runs(command, ["-e", 'require "webrick"']) : !runs(command, ["--version"]);
      if (isMissing) {
        console.error(`  left out: ${name}: ${command} is not installed`);
        continue;
      }
      const server = start(command, args, { OTEL_SERVICE_NAME: service });
      started.push(server);
      asked.push({ name, port: await firstPort(server), service, paths });
    }
    const behind = asked.find(({ service }) => service === "python");
    if (behind === undefined || !runs("nginx", ["-v"])) {
      console.error("  left out: nginx: it is not installed, or Python behind it");
      return { asked, end };
    }
    const port = await freePort();
    const file = join(folder, "nginx.conf");
    writeFileSync(file, nginxConfig(folder, port, behind.port));
    writeFileSync(join(folder, "file"), "ok\n");
    started.push(start("nginx", ["-c", file, "-p", folder, "-g", "daemon off;"], {}));
    asked.push({ name: "nginx before Python", port, service: "nginx", paths });
    asked.push({ name: "nginx, a file", port, service: "nginx", paths: new Map([[0, "/file"]]) });
    return { asked, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}

async function firstPort(server: Started): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.stdout().includes("\n")) return Number.parseInt(server.stdout(), 10);
    await setTimeout(100);
  }
  throw new Error(`a server did not say its port: ${server.stderr()}`);
}
