import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { seededRandom } from "../../src/base/random.ts";
import { parseSegmentFileName, type Segment } from "../../src/storage/clickhouse/writer/segments/segment.ts";
import { holdsItems } from "../../src/storage/clickhouse/writer/writer.ts";
import { Sender } from "../e2e/durability/sender.ts";
import { freePort } from "../fakes/free-port.ts";
import { StackProcess } from "../e2e/durability/stack-process.ts";
import { countStored } from "./count.ts";
import { soon } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";

interface Damage {
  readonly name: string;
  readonly harm: (file: string, random: () => number) => void;
}

const damages: readonly Damage[] = [
  {
    name: "torn last write",
    harm: (file, random) => truncateSync(file, Math.floor(sizeOf(file) * random())),
  },
  {
    name: "flipped bit",
    harm: (file, random) => {
      const content = readFileSync(file);
      const at = Math.floor(random() * content.length);
      content[at] = (content[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(file, content);
    },
  },
];

/**
 * Segments that wait for the engine are damaged while nothing runs, as a failing disk would. Each damaged one must be set aside and told of, with
 * exactly its items missing, and must stand in nobody's way.
 */
export async function damagedSegments(seed: number): Promise<readonly Outcome[]> {
  const random = seededRandom(seed);
  const outcomes: Outcome[] = [];
  for (const damage of damages) outcomes.push(await damaged(damage, () => random.next()));
  return outcomes;
}

async function damaged({ name, harm }: Damage, random: () => number): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
  const port = await freePort();
  const stack = new StackProcess(folder, { grpc: await freePort(), otlpHttp: port, http: await freePort() });
  await stack.start();
  // A stopped engine answers nothing, so that segments stay.
  await soon(() => stack.enginePid() !== undefined, 10_000);
  const engine = stack.enginePid();
  if (engine !== undefined) process.kill(engine, "SIGSTOP");
  const sender = new Sender(port, 6, ["traces", "logs"]);
  await soon(() => sender.answeredCount > 5_000, 60_000);
  await sender.stop();
  await stack.killBoth();
  // The file of a group is empty: nothing of it can be damaged.
  const segments = segmentsIn(path.join(folder, "segments")).filter(({ segment }) => segment.kind !== "g");
  // Attribute keys and resources are noted beside the items, in segments of their own.
  const ofItems = segments.filter(({ segment }) => holdsItems(segment));
  const others = segments.filter(({ segment }) => !holdsItems(segment));
  const victims = [...ofItems.slice(-1), ...ofItems.slice(0, 1), ...others.slice(-1)];
  for (const { file } of victims) harm(path.join(folder, "segments", file), random);
  const rows = victims.reduce((sum, { segment }) => sum + (holdsItems(segment) ? segment.rows : 0), 0);
  await stack.start();
  const told = (): number =>
    stack.output.split("\n").filter((line) => line.includes("were set aside")).length;
  await soon(() => told() === victims.length, 30_000);
  await stack.kill("SIGTERM");
  const count = await countStored(folder, sender.answeredBy);
  rmSync(folder, { recursive: true });
  return {
    name,
    passed:
      count.lost === rows &&
      told() === victims.length &&
      count.doubled === 0 &&
      count.setAside.length === victims.length,
    figures: {
      "segments that waited": segments.length,
      damaged: victims.length,
      "spans and log records in them": rows,
      "set aside": count.setAside.length,
      "told of": told(),
      "items missing": count.lost,
      "items stored twice": count.doubled,
      reasons: [...new Set(count.setAside)].join("; "),
    },
  };
}

function segmentsIn(folder: string): readonly { readonly file: string; readonly segment: Segment }[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const segment = parseSegmentFileName(file);
      return segment === undefined ? [] : [{ file, segment }];
    });
}

function sizeOf(file: string): number {
  return readFileSync(file).length;
}
