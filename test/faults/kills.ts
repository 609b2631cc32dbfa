import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { seededRandom } from "../../src/base/random.ts";
import { Sender } from "../e2e/durability/sender.ts";
import { freePort } from "../fakes/free-port.ts";
import { StackProcess } from "../e2e/durability/stack-process.ts";
import { countStored } from "./count.ts";
import { kinds, lackOf, soon } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";

/** Rounds on one data directory, before it is counted and a new one begun. */
const roundsADirectory = 20;

/** Kills at random moments, in the order that the seed gives, while a sender sends all signals; every kind comes equally often. */
export async function killRounds(
  rounds: number,
  seed: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const random = seededRandom(seed);
  const names = Object.keys(kinds).filter((name) => {
    const lack = lackOf(name);
    if (lack !== undefined) say(lack);
    return lack === undefined;
  });
  const strikes = new Map<string, { count: number; met: number }>();
  const total = { answered: 0, lost: 0, doubled: 0, unanswered: 0 };
  const setAside: string[] = [];
  let order: string[] = [];
  for (let done = 0; done < rounds;) {
    const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
    const port = await freePort();
    const ports = { grpc: await freePort(), otlpHttp: port, http: await freePort() };
    const stack = new StackProcess(folder, ports);
    await stack.start();
    const sender = new Sender(port, 6, ["traces", "logs", "metrics"]);
    const end = Math.min(rounds, done + roundsADirectory);
    for (; done < end; done++) {
      if (order.length === 0) order = shuffled(names, () => random.next());
      const name = order.pop() ?? "";
      const before = sender.answeredCount;
      if (!(await soon(() => sender.answeredCount >= before + 500, 60_000)))
        throw new Error(`nothing is accepted any more:\n${stack.output.slice(-2000)}`);
      const met = (await kinds[name]?.({ stack, folder, random })) === true;
      const tally = strikes.get(name) ?? { count: 0, met: 0 };
      strikes.set(name, { count: tally.count + 1, met: tally.met + Number(met) });
      if (!stack.isRunning) await stack.start();
    }
    await sender.stop();
    await stack.kill("SIGTERM");
    const count = await countStored(folder, sender.answeredBy);
    say(`${done} rounds: ${count.answered} answered, ${count.lost} lost, ${count.doubled} doubled`);
    total.answered += count.answered;
    total.lost += count.lost;
    total.doubled += count.doubled;
    total.unanswered += count.unanswered;
    setAside.push(...count.setAside);
    if (count.lost + count.doubled + count.setAside.length > 0) say(`kept for inspection: ${folder}`);
    else rmSync(folder, { recursive: true });
  }
  return {
    name: `${rounds} kills`,
    passed: total.lost + total.doubled + setAside.length === 0,
    figures: {
      ...Object.fromEntries(
        [...strikes].map(([name, { count, met }]) => [
          name,
          met === count ? `${count}` : `${count} (${met} at the moment meant)`,
        ]),
      ),
      "items answered": total.answered,
      "of them lost": total.lost,
      "items stored twice": total.doubled,
      "items stored without an answer": total.unanswered,
      "segments set aside": setAside.length,
    },
  };
}

function shuffled(names: readonly string[], next: () => number): string[] {
  return names
    .map((name) => ({ name, at: next() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ name }) => name);
}
