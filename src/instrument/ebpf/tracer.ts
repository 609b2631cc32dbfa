/**
 * Traces Go programs: loads the programs of bpf/ into the kernel, has them run at instructions of the programs' files, and reads the
 * spans they make. Runs in a process of its own (tracer-main.ts); everything in the kernel belongs to that process and goes with it.
 */
import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/error.ts";
import { ConnectionKinds } from "./connection-kinds.ts";
import { answerMembers, connectionProgram, replacedPrograms, startAnswers } from "./answers.ts";
import { readGoBinary, type GoBinary } from "./go/binary.ts";
import { offsetBytes } from "./go/struct-offsets.ts";
import { attachAll } from "./kernel/attach-all.ts";
import { LoadedObject } from "./kernel/bpf.ts";
import { ownNamespace, wordOf } from "./kernel/map-bytes.ts";
import { kernelMembers, taskMembers } from "./kernel/member-offsets.ts";
import { pageSize } from "./kernel/native.ts";
import type { GoObjects } from "./object-file.ts";
import { changeMembers } from "./process-changes.ts";
import { Readable } from "./kernel/readable.ts";
import { RingBuffer } from "./kernel/ring-buffer.ts";
import { attachUprobes, type Uprobe } from "./kernel/uprobe.ts";
import { StoppedRequests } from "./stopped-requests.ts";
import { propagationPrograms, startProgram, startPropagation, type Propagation } from "./propagation.ts";
import { clientOf } from "./spans/record.ts";
import { TracedProcesses } from "./traced-processes.ts";
import { tryToAttach } from "./trial.ts";

/** Programs that check their own file in memory and end when something is changed there. */
const checksOwnFile = /^clickhouse|chdb/;
const drainLimit = 4096;
const logProgram = "log_write";

export type Watched =
  | { readonly kind: "watched"; readonly binary: GoBinary; readonly file: string }
  | { readonly kind: "left-alone"; readonly reason: string };

/** A file is let go this long after the last process that executed it: services that are restarted find it watched. */
const unusedMs = 10_000;
/** Files that are left alone are remembered so that they are read once. */
const maxFiles = 4096;

interface WatchedFile {
  readonly watched: Watched;
  readonly probes: readonly Uprobe[];
  /** Where its requests are seen by their connections. */
  readonly stopped?: StoppedRequests;
  /** Processes that execute it. */
  readonly users: Set<number>;
  /** Since when there has been none, by the caller's clock. */
  unusedSinceMs: number;
}

type Attached = Pick<WatchedFile, "watched" | "probes" | "stopped">;

export class Tracer {
  private readonly object: LoadedObject;
  private readonly ring: RingBuffer;
  /** By device and inode: a file is probed once, whatever its paths. */
  private readonly files = new Map<string, WatchedFile>();
  private readonly processes: TracedProcesses;
  private readonly wantsLogs: boolean;
  private releasing = Promise.resolve();
  private readonly lostBefore = [0, 0];

  private readonly propagation: Propagation;
  private readonly seesAnswers: boolean;
  private readonly kinds: ConnectionKinds;

  /** Throws when the kernel refuses, see kernel/native.ts and kernel/bpf.ts; not when it only refuses what `outgoing` is for. `ofLauncher` is startPropagation's. */
  constructor(
    { go, outgoing, answers }: GoObjects,
    { wantsLogs, ofLauncher }: { readonly wantsLogs: boolean; readonly ofLauncher: boolean },
  ) {
    this.wantsLogs = wantsLogs;
    this.object = new LoadedObject(go);
    for (const { name, place } of go.programs)
      if (place !== undefined)
        this.object.map("programs").set(wordOf(place), wordOf(this.object.program(name)));
    tryToAttach(this.object.program("server_start"));
    this.ring = new RingBuffer(this.object.map("events"), pageSize());
    this.object.map("settings").set(wordOf(0), ownNamespace());
    this.object.map("secrets").set(wordOf(0), randomBytes(16));
    this.processes = new TracedProcesses({
      processes: this.object.map("processes"),
      nearProcesses: this.object.map("near_processes"),
      nearCalls: this.object.map("near_calls"),
      nearOwners: this.object.map("near_owners"),
    });
    kernelMembers.prepare([...taskMembers, ...answerMembers, ...changeMembers]);
    this.propagation = startPropagation(outgoing, this.object, ofLauncher);
    this.seesAnswers = startAnswers(answers, this.object);
    this.kinds = new ConnectionKinds(this.object.map("connection_kinds"));
  }

  /** Why requests that programs send get no trace context; undefined when they do. */
  get propagationRefused(): string | undefined {
    return this.propagation.refused;
  }

  /** Requests over connections that are opened from now on get none any more. */
  endPropagation(): void {
    this.propagation.end();
  }

  /** Watches a program's file, for every process that executes it; spans come only of those given to `trace`. Never throws. */
  watch(path: string, name: string, nowMs: number): Watched {
    try {
      const { dev, ino } = statSync(path);
      const key = `${dev}:${ino}`;
      const known = this.files.get(key);
      if (known !== undefined) return known.watched;
      const attached = this.attach(path, name, key);
      // Its process has ended meanwhile, so that it could not be read: another one may execute it.
      if (attached.watched.kind === "left-alone" && !existsSync(path)) return attached.watched;
      const file: WatchedFile = { ...attached, users: new Set(), unusedSinceMs: nowMs };
      this.files.set(key, file);
      return file.watched;
    } catch (error) {
      return { kind: "left-alone", reason: messageOf(error) };
    }
  }

  private attach(path: string, name: string, file: string): Attached {
    const leave = (reason: string): Attached => ({
      watched: { kind: "left-alone", reason },
      probes: [],
    });
    if (checksOwnFile.test(name)) return leave("it checks its own code and would end");
    try {
      const binary = readGoBinary(path);
      if (isToolchain(binary)) return leave(toolchain);
      const byConnections = this.seesAnswers && binary.knowsConnections;
      const sites = offsetsByProgram(binary);
      const wanted = [...sites].filter(([program]) => this.wants(program, byConnections));
      const probes = attachAll(wanted, ([program, offsets]) =>
        attachUprobes(this.descriptorOf(program), path, offsets),
      );
      const watched = { kind: "watched", binary, file } as const;
      return byConnections ? { watched, probes, stopped: this.stoppedRequests(sites) } : { watched, probes };
    } catch (error) {
      return leave(messageOf(error));
    }
  }

  private wants(program: string, byConnections: boolean): boolean {
    if (program === startProgram && this.propagation.starting === undefined) return false;
    if (propagationPrograms.has(program) && this.propagationRefused !== undefined) return false;
    if (program === logProgram && !this.wantsLogs) return false;
    return byConnections ? !replacedPrograms.has(program) : program !== connectionProgram;
  }

  private descriptorOf(program: string): number {
    const starting = program === startProgram ? this.propagation.starting : undefined;
    return starting ?? this.object.program(program);
  }

  private stoppedRequests(sites: ReadonlyMap<string, readonly number[]>): StoppedRequests {
    return new StoppedRequests((path) =>
      attachAll(replacedPrograms, (program) =>
        attachUprobes(this.object.program(program), path, sites.get(program) ?? []),
      ),
    );
  }

  /** Takes the spans of a process that executes a watched file; `wanted`: whether its requests carry their context, and its lines are told. */
  trace(
    pid: number,
    { binary, file }: Watched & { readonly kind: "watched" },
    wanted: { readonly propagates: boolean; readonly logs: boolean },
  ): void {
    const watched = this.files.get(file);
    watched?.users.add(pid);
    const knowsConnections = watched?.stopped !== undefined;
    this.processes.set(pid, offsetBytes(binary.build, { ...binary, knowsConnections }, wanted));
    watched?.stopped?.begin(pid);
  }

  /** The process has ended, or executes something else. */
  forget(pid: number, nowMs: number): void {
    this.processes.remove(pid);
    this.kinds.forget(pid);
    for (const file of this.files.values()) {
      file.stopped?.end(pid);
      if (file.users.delete(pid) && file.users.size === 0) file.unusedSinceMs = nowMs;
    }
  }

  /** Lets go of files that no process has executed for a while; resolves when the kernel has, one file after the other. Never rejects. */
  release(nowMs: number): Promise<void> {
    const strange = this.kinds.strangeProcesses(nowMs);
    for (const [key, { watched, probes, stopped, users, unusedSinceMs }] of this.files) {
      stopped?.look(
        nowMs,
        strange.size === 0 ? strange : new Set([...users].filter((pid) => strange.has(pid))),
      );
      const unused = users.size === 0 && nowMs - unusedSinceMs >= unusedMs;
      // What is left alone costs nothing in the kernel; the oldest go first.
      if (!unused || (watched.kind === "left-alone" && this.files.size <= maxFiles)) continue;
      this.files.delete(key);
      this.releasing = this.releasing.then(async () => {
        await Promise.all([stopped?.close(), ...probes.map((probe) => probe.detach())]);
      });
    }
    return this.releasing;
  }

  /** Calls back, when it is armed, as soon as there is something for `drain`. */
  readable(clock: Clock, tell: () => void): Readable {
    return new Readable(this.object.map("events").descriptor, clock, tell);
  }

  /** Whether `release` should be called again soon, because it is about to be decided whether requests must stop. */
  get isUndecided(): boolean {
    return this.kinds.isUndecided;
  }

  /** Whether there is nothing for `drain`, which is cheap to ask. */
  get isDrained(): boolean {
    return this.ring.isEmpty;
  }

  /** Gives records of spans that have ended and of lines that were written since the last call, at most some thousands; each in [begin, end) of `bytes`, which are only valid during the call. Returns how many. */
  drain(take: (bytes: Buffer, begin: number, end: number) => void): number {
    const waiting = [...this.files.values()].flatMap(({ stopped }) =>
      stopped?.isWaiting === true ? [stopped] : [],
    );
    if (waiting.length === 0) return this.ring.drainInPlace(take, drainLimit);
    return this.ring.drainInPlace((bytes, begin, end) => {
      const client = clientOf(bytes, begin, end);
      if (client !== undefined) for (const each of waiting) each.see(client.process, client.peer);
      take(bytes, begin, end);
    }, drainLimit);
  }

  /** Spans and lines that did not fit into the ring buffer since the last call. */
  newlyLost(): { readonly spans: number; readonly lines: number } {
    const lost = [0, 1].map((what) => {
      const total = Number(this.object.map("lost").get(wordOf(what))?.readBigUInt64LE(0) ?? 0n);
      const newly = total - this.lostBefore[what]!;
      this.lostBefore[what] = total;
      return newly;
    });
    return { spans: lost[0]!, lines: lost[1]! };
  }
}

/** Whether a process wants its lines to be told, by its OTEL_LOGS_EXPORTER; unset means yes. */
export function wantsLogs(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment["OTEL_LOGS_EXPORTER"] !== "none";
}

/** Why compilers and linkers are left alone: nobody asks for a line about them. */
export const toolchain = "it belongs to the Go tool chain";

function offsetsByProgram({ sites }: GoBinary): ReadonlyMap<string, number[]> {
  const offsets = new Map<string, number[]>();
  for (const { program, offset } of sites) {
    const found = offsets.get(program);
    if (found === undefined) offsets.set(program, [offset]);
    else found.push(offset);
  }
  return offsets;
}

function isToolchain({ build }: GoBinary): boolean {
  return build.mainPackage.startsWith("cmd/");
}
