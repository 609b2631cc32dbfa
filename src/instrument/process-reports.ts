/**
 * Turns what the hooks report into lines for people: one a process once its libraries are known, one more when others were loaded
 * later. Pure: takes events and times, gives lines.
 */
export interface HookEvent {
  readonly event: string;
  readonly pid: number;
  readonly runtime: string;
  readonly [field: string]: unknown;
}

interface Seen {
  readonly pid: number;
  runtime: string;
  service: string;
  endpoint: string;
  signals: readonly string[];
  forked: boolean;
  started: boolean;
  ended: boolean;
  note: string | undefined;
  readonly libraries: Map<string, string>;
  readonly leftOut: Map<string, string>;
  readonly told: Set<string>;
  firstLineSaid: boolean;
  updates: number;
  lastEventMs: number;
  readonly ownSignals: Set<string>;
}

/** Imports of one start come close together; after this long without one, the libraries count as known. */
const quietMs = 800;
const maxUpdates = 4;

export class ProcessReports {
  private readonly processes = new Map<number, Seen>();
  private readonly saidOnce = new Set<string>();

  /** Takes one event; returns lines that are due at once. */
  add(event: HookEvent, nowMs: number): readonly string[] {
    const seen = this.seen(event, nowMs);
    seen.lastEventMs = nowMs;
    switch (event.event) {
      case "start":
        Object.assign(seen, {
          started: true,
          runtime: event.runtime,
          service: text(event["service"]) ?? "unknown",
          endpoint: text(event["endpoint"]) ?? "",
          signals: Array.isArray(event["signals"]) ? event["signals"].map(String) : [],
          forked: event["forked"] === true,
        });
        return [];
      case "library":
        remember(seen.libraries, event);
        return [];
      case "library-left-out":
        remember(seen.leftOut, event);
        return [];
      case "note":
        seen.note = text(event["text"]);
        return [];
      case "own-signal":
        seen.ownSignals.add(text(event["signal"]) ?? "");
        return [];
      case "end":
        seen.ended = true;
        return [];
      case "left-alone":
        return this.once(
          `otelier: ${event.runtime} is not instrumented: ${withHint(event["reason"], event["hint"])}`,
        );
      case "agent-log":
        if (event["level"] !== "ERROR") return [];
        return this.once(
          `otelier: ${seen.service || event.runtime}: the agent says: ${text(event["text"]) ?? ""}`,
        );
      default:
        return [];
    }
  }

  /** Lines of the processes that have been quiet long enough. */
  due(nowMs: number): readonly string[] {
    return [...this.processes.values()].flatMap((seen) =>
      nowMs - seen.lastEventMs >= quietMs ? this.linesOf(seen) : [],
    );
  }

  /** What is left to say when everything has ended. */
  finish(): readonly string[] {
    return [...this.processes.values()].flatMap((seen) => this.linesOf(seen));
  }

  /**
   * Node.js processes that would have died by this signal without us, and have not reported that they are ending: their event loop
   * is blocked, so that our listener cannot run.
   */
  blockedUnder(signal: string): readonly number[] {
    return [...this.processes.values()]
      .filter(
        (seen) =>
          seen.started && !seen.ended && seen.runtime.startsWith("node") && !seen.ownSignals.has(signal),
      )
      .map((seen) => seen.pid);
  }

  private seen(event: HookEvent, nowMs: number): Seen {
    const known = this.processes.get(event.pid);
    if (known !== undefined) return known;
    const fresh: Seen = {
      pid: event.pid,
      runtime: event.runtime,
      service: "",
      endpoint: "",
      signals: [],
      forked: false,
      started: false,
      ended: false,
      note: undefined,
      libraries: new Map(),
      leftOut: new Map(),
      told: new Set(),
      firstLineSaid: false,
      updates: 0,
      lastEventMs: nowMs,
      ownSignals: new Set(),
    };
    this.processes.set(event.pid, fresh);
    return fresh;
  }

  private linesOf(seen: Seen): readonly string[] {
    if (!seen.started) return [];
    const fresh = [...seen.libraries.keys()].filter((name) => !seen.told.has(name));
    const names = fresh.map((name) => `${name}${seen.libraries.get(name) ?? ""}`).join(", ");
    if (!seen.firstLineSaid) {
      // A forked child that is gone before it used anything is nobody's service.
      if (seen.forked && seen.ended && fresh.length === 0) return [];
      seen.firstLineSaid = true;
      for (const name of [...fresh, ...seen.leftOut.keys()]) seen.told.add(name);
      return [firstLine(seen, names)];
    }
    const out = [...seen.leftOut].filter(([name]) => !seen.told.has(name));
    if ((fresh.length === 0 && out.length === 0) || seen.updates >= maxUpdates) return [];
    seen.updates++;
    for (const name of [...fresh, ...out.map(([name]) => name)]) seen.told.add(name);
    const parts = [...(fresh.length > 0 ? [`also instrumented ${names}`] : []), ...notInstrumented(out)];
    return [`otelier: ${seen.service} (pid ${seen.pid}): ${parts.join("; ")}`];
  }

  private once(line: string): readonly string[] {
    if (this.saidOnce.has(line)) return [];
    this.saidOnce.add(line);
    return [line];
  }
}

function firstLine(seen: Seen, names: string): string {
  const who = `otelier: ${seen.service} (${seen.runtime}, pid ${seen.pid})`;
  if (seen.note !== undefined) return `${who}: ${seen.note}`;
  const what = names === "" ? "no library that is known was loaded yet" : `instrumented ${names}`;
  const sends =
    seen.signals.length === 0 ? "sends nothing" : `sends ${seen.signals.join(", ")} to ${seen.endpoint}`;
  return [`${who}: ${what}`, ...notInstrumented([...seen.leftOut]), sends].join("; ");
}

function notInstrumented(leftOut: readonly (readonly [string, string])[]): readonly string[] {
  return leftOut.length === 0
    ? []
    : [`not instrumented: ${leftOut.map(([name, why]) => `${name}${why}`).join(", ")}`];
}

/** Keeps " 5.1" for an instrumented library, " 9.0 (supported is <9)" for one left out. */
function remember(into: Map<string, string>, event: HookEvent): void {
  const name = text(event["name"]);
  if (name === undefined || into.has(name)) return;
  const version = text(event["version"])?.split(".").slice(0, 2).join(".");
  const reason = text(event["reason"]);
  into.set(
    name,
    `${version === undefined ? "" : ` ${version}`}${reason === undefined ? "" : ` (${reason})`}`,
  );
}

function withHint(reason: unknown, hint: unknown): string {
  return [text(reason) ?? "", text(hint)].filter((part) => part !== undefined).join("; ");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
