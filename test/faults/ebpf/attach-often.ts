/** A process of its own that attaches to a Go program's file and detaches again: FILE TIMES. Says what it holds in the kernel before, while attached, and afterwards. */
import { readGoObjects } from "../../../src/instrument/ebpf/object-file.ts";
import { Tracer } from "../../../src/instrument/ebpf/tracer.ts";
import { heldBy } from "./kernel-objects.ts";

const [file = "", times = "0"] = process.argv.slice(2);
const tracer = new Tracer(readGoObjects(), { wantsLogs: true, ofLauncher: false });
const held = (): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(heldBy([process.pid])).map(([kind, numbers]) => [kind, [...numbers]]));
const attach = (): void => {
  const watched = tracer.watch(file, "service", 0);
  if (watched.kind !== "watched") throw new Error(watched.reason);
};
const before = held();
attach();
const attached = held();
await tracer.release(Infinity);
for (let time = 1; time < Number(times); time++) {
  attach();
  await tracer.release(Infinity);
}
process.stdout.write(JSON.stringify({ before, attached, after: held() }), () => process.exit(0));
