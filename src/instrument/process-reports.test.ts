import { describe, expect, test } from "vitest";
import { ProcessReports, type HookEvent } from "./process-reports.ts";

const from = (pid: number, event: string, fields: object = {}, runtime = "node 20.20"): HookEvent => ({
  event,
  pid,
  runtime,
  ...fields,
});
const start = (pid: number, fields: object = {}): HookEvent =>
  from(pid, "start", { service: "shop", endpoint: "http://h:4318", signals: ["traces", "logs"], ...fields });

describe("ProcessReports", () => {
  test("one line when no library came for a while, one more for later ones", () => {
    const reports = new ProcessReports();
    reports.add(start(1), 0);
    reports.add(from(1, "library", { name: "express", version: "5.1.0" }), 100);
    reports.add(from(1, "library", { name: "http" }), 500);
    reports.add(
      from(1, "library-left-out", { name: "koa", version: "9.0.1", reason: "supported is <4" }),
      600,
    );
    expect(reports.due(1300)).toEqual([]);
    expect(reports.due(1400)).toEqual([
      "otelier: shop (node 20.20, pid 1): instrumented express 5.1, http; not instrumented: koa 9.0 (supported is <4); sends traces, logs to http://h:4318",
    ]);
    expect(reports.due(9000)).toEqual([]);
    reports.add(from(1, "library", { name: "pg", version: "8.11.3" }), 9500);
    reports.add(from(1, "library", { name: "express", version: "5.1.0" }), 9500);
    expect(reports.due(11_000)).toEqual(["otelier: shop (pid 1): also instrumented pg 8.11"]);
    expect(reports.finish()).toEqual([]);
  });

  test("a short program is reported at its end", () => {
    const reports = new ProcessReports();
    reports.add(start(1, { signals: [] }), 0);
    reports.add(from(1, "end"), 10);
    expect(reports.finish()).toEqual([
      "otelier: shop (node 20.20, pid 1): no library that is known was loaded yet; sends nothing",
    ]);
  });

  test("a forked child that did nothing is not worth a line, a watcher says what it is", () => {
    const reports = new ProcessReports();
    reports.add(start(1, { forked: true }), 0);
    reports.add(from(1, "end"), 1);
    reports.add(start(2), 0);
    reports.add(from(2, "note", { text: "only watches files" }), 1);
    expect(reports.due(5000)).toEqual(["otelier: shop (node 20.20, pid 2): only watches files"]);
  });

  test("what is left alone is said once for all processes alike", () => {
    const reports = new ProcessReports();
    const event = { reason: "it is too old", hint: "use a newer one" };
    expect(reports.add(from(1, "left-alone", event, "python 3.8"), 0)).toEqual([
      "otelier: python 3.8 is not instrumented: it is too old; use a newer one",
    ]);
    expect(reports.add(from(2, "left-alone", event, "python 3.8"), 0)).toEqual([]);
  });

  test("which processes a signal cannot end", () => {
    const reports = new ProcessReports();
    for (const pid of [1, 2, 3]) reports.add(start(pid), 0);
    reports.add(from(2, "own-signal", { signal: "SIGINT" }), 0);
    reports.add(from(3, "end"), 0);
    reports.add({ ...start(4), runtime: "python 3.11" }, 0);
    expect(reports.blockedUnder("SIGINT")).toEqual([1]);
    expect(reports.blockedUnder("SIGTERM")).toEqual([1, 2]);
  });
});
