import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { explainRefusal } from "../../../src/instrument/ebpf/refusal.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("what the verifier says");
const fixture = path.join(root, "test/fixtures/ebpf/go");

test.skipIf(refused !== undefined)(
  "what the verifier refuses is said to be no matter of privileges",
  async () => {
    const { LoadedObject } = await import("../../../src/instrument/ebpf/kernel/bpf.ts");
    // It returns without a value.
    const instructions = Buffer.from([0x95, 0, 0, 0, 0, 0, 0, 0]);
    const load = (): unknown =>
      new LoadedObject({
        maps: [],
        programs: [{ name: "empty", runsAt: "probe", instructions, mapLoads: new Map() }],
      });
    const said = await Promise.resolve().then(load).catch(explainRefusal);
    expect(said).toMatch(/^cannot load program "empty": EACCES \(R0 .+\): the verifier of this kernel/);
  },
);

test.skipIf(withoutGo("refusals") !== undefined)(
  "without privileges one line says so and how to get them; the program runs",
  () => {
    const command = [process.execPath, path.join(root, "dist/main.js"), "run", "--", "go", "version"];
    const [first = "", ...args] =
      process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", ...command] : command;
    const { status, stdout, stderr } = spawnSync(first, args, { cwd: fixture, encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^go version go/)]);
    expect(stderr.split("\n").filter((line) => line.includes("without spans"))).toEqual([
      expect.stringMatching(
        /^otelier: relay is a Go program and runs without spans: .+(EPERM|EACCES).+ run it as root/,
      ),
    ]);
  },
);
