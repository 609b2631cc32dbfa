import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { byPid, firstLine, fixture, startObserver } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = (await tracingRefused("lookups of names")) ?? withoutNamespaces();

describe.skipIf(refused !== undefined)("lookups of names, by otelier ebpf", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-lookups-"));
  const sink = new OtlpSink();
  const programs: Started[] = [];
  let observer: Started;

  beforeAll(async () => {
    await sink.listen();
    const resolver = path.join(folder, "resolv.conf");
    writeFileSync(resolver, "nameserver 127.0.0.1\n");
    const inside = `mount --bind ${resolver} /etc/resolv.conf && exec python3 ${fixture("lookup.py")}`;
    const libc = start("unshare", ["--net", "--mount", "sh", "-c", inside], { OTEL_SERVICE_NAME: "libc" });
    const cares = start(process.execPath, [fixture("lookup.mjs")], { OTEL_SERVICE_NAME: "c-ares" });
    programs.push(libc, cares);
    await Promise.all(programs.map(firstLine));
    observer = await startObserver(sink, byPid(programs), [/ libc /, / c-ares /], {
      OTEL_METRIC_EXPORT_INTERVAL: "300",
    });
  });
  afterAll(async () => {
    await Promise.all([observer, ...programs].map((each) => each.end()));
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("by the C library: both questions of one call, and the name server that was asked", async () => {
    programs[0]!.write("shop.example\n");
    await spansWhere(
      2,
      ({ service, attributes }) => service === "libc" && nameOf(attributes) === "shop.example",
    );
    const spans = sink.spans.filter(({ attributes }) => nameOf(attributes) === "shop.example");
    expect(spans.map(({ name, kind }) => `${name} ${kind}`).toSorted()).toEqual(["DNS A 3", "DNS AAAA 3"]);
    expect(spans[0]!.attributes).toEqual({
      "dns.question.name": "shop.example",
      "network.transport": "udp",
      "server.address": "127.0.0.1",
      "server.port": "53",
    });
  });

  test("a name that does not exist has failed, in spans and in the metric", async () => {
    programs[0]!.write("gone.example\n");
    const [span] = await spansWhere(1, ({ attributes }) => nameOf(attributes) === "gone.example");
    expect(span!.attributes["error.type"]).toBe("host_not_found");
    const series = (): readonly string[] =>
      sink.metrics
        .filter(({ name, service }) => name === "dns.lookup.duration" && service === "libc")
        .flatMap(({ histograms }) => histograms)
        .map(({ attributes }) => `${nameOf(attributes)} ${attributes["error.type"] ?? "ok"}`);
    await expect.poll(series).toContain("gone.example host_not_found");
    expect(series()).toContain("shop.example ok");
  });

  test("by c-ares, of a name server on another port", async () => {
    programs[1]!.write("stock.example\n");
    const [span] = await spansWhere(1, ({ service }) => service === "c-ares");
    expect([span!.name, span!.attributes]).toEqual([
      "DNS A",
      {
        "dns.question.name": "stock.example",
        "network.transport": "udp",
        "server.address": "127.0.0.1",
        "server.port": programs[1]!.stdout().split("\n")[0],
      },
    ]);
  });

  async function spansWhere(count: number, isIt: (span: SunkSpan) => boolean): Promise<readonly SunkSpan[]> {
    await expect.poll(() => sink.spans.filter(isIt).length).toBeGreaterThanOrEqual(count);
    return sink.spans.filter(isIt);
  }
});

function nameOf(attributes: Readonly<Record<string, string>>): string {
  return attributes["dns.question.name"] ?? "";
}

/** The C library asks port 53 only, and whom a file of the system says: both must be the test's own. */
function withoutNamespaces(): string | undefined {
  if (spawnSync("unshare", ["--net", "--mount", "true"]).status === 0) return undefined;
  const reason = "no network namespace can be made (unshare)";
  if (process.env["CI"] === "true") throw new Error(`cannot observe lookups: ${reason}`);
  process.stderr.write(`skipped: lookups of names: ${reason}\n`);
  return reason;
}
