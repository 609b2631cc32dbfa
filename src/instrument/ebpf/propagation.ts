/**
 * Puts trace context into the plain HTTP/1 requests and gRPC calls that traced Go programs send (bpf/outgoing.bpf.c): a program at the root of the control groups notes
 * the connections that they open, another one sees what is written to them.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { messageOf } from "../../base/error.ts";
import { LoadedObject } from "./kernel/bpf.ts";
import { kernelMembers, taskMembers } from "./kernel/member-offsets.ts";
import { SystemError } from "./kernel/native.ts";
import type { BpfObject } from "./kernel/object.ts";
import { explainRefusal } from "./refusal.ts";

/** Runs as a process begins, in bpf/outgoing.bpf.c. */
export const startProgram = "process_start";

/** Programs of bpf/go.bpf.c that are of use only together with this. */
export const propagationPrograms: ReadonlySet<string> = new Set([
  "client_connection",
  "client_write",
  "rpc_call_put",
  "rpc_call_framed",
]);

/** These maps are those of the object of bpf/go.bpf.c, too. */
const sharedMaps = ["outgoing_requests", "outgoing_calls", "senders"];

const needed = "it needs Linux 5.15 or newer with its types (CONFIG_DEBUG_INFO_BTF)";

export interface Propagation {
  /** Why requests get no trace context, for people; undefined when they do. */
  readonly refused?: string;
  /** Descriptor of `startProgram`, when requests do. */
  readonly starting?: number;
  /**
   * Takes no connection any more; those that it has carry on. A socket has one such program at most, and our process may live on for seconds
   * while the kernel takes probes away: a tracer of the same program that is started meanwhile shall find its connections free. To be called once.
   */
  end(): void;
}

/**
 * Starts it beside the loaded programs of bpf/go.bpf.c; what is not ended lasts as long as our process. `ofLauncher`: only what our parent has started is traced.
 * Never throws.
 */
export function startPropagation(definition: BpfObject, go: LoadedObject, ofLauncher: boolean): Propagation {
  return startAtSockets(() => {
    const object = new LoadedObject(definition, new Map(sharedMaps.map((name) => [name, go.map(name)])));
    return { object, prepare: () => noteTasks(object, ofLauncher), starting: startProgram };
  });
}

/**
 * Loads an object with programs "connections" and "request", and runs the one at the root of the control groups and the other at the sockets that it notes. `prepare`
 * is called in between. Never throws.
 */
export function startAtSockets(
  load: () => { readonly object: LoadedObject; readonly prepare: () => void; readonly starting?: string },
): Propagation {
  const refusedFor = (refused: string): Propagation => ({ refused, end: () => undefined });
  const group = controlGroups(readFileSync("/proc/self/mounts", "utf8"));
  if (group === undefined) {
    return refusedFor(
      "no version 2 control groups are mounted: mount -t cgroup2 none /sys/fs/cgroup/unified",
    );
  }
  let folder: number | undefined;
  try {
    folder = openSync(group, "r");
    const { object, prepare, starting } = load();
    try {
      prepare();
      object.attachToSockets("request", object.map("sockets"));
      const connections = object.attachToGroup("connections", folder);
      return {
        ...(starting === undefined ? {} : { starting: object.program(starting) }),
        end: () => connections.detach(),
      };
    } catch (error) {
      object.close();
      throw error;
    }
  } catch (error) {
    return refusedFor(explain(error));
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/** Says where the kernel has a task's parent and process, and whose descendants are taken. */
function noteTasks(object: LoadedObject, ofLauncher: boolean): void {
  const offsets = kernelMembers.of(taskMembers);
  if (offsets === undefined) throw new Error(`the kernel does not say how it is built: ${needed}`);
  const words = Buffer.from(BigUint64Array.of(0n, ...offsets.map(BigInt)).buffer);
  object.map("launcher").set(Buffer.alloc(4), words);
  if (ofLauncher) object.runOnce("note_launcher");
}

function explain(error: unknown): string {
  const code = error instanceof SystemError ? error.code : "";
  if (code === "EPERM") {
    return `${messageOf(error)}: it needs CAP_NET_ADMIN besides; run it as root (sudo), or give the container that too`;
  }
  if (code === "EINVAL") {
    return `${messageOf(error)}: ${needed}`;
  }
  return explainRefusal(error);
}

/** Where the control groups of version 2 are mounted, by the text of /proc/self/mounts. */
export function controlGroups(mounts: string): string | undefined {
  const fields = mounts.split("\n").map((line) => line.split(" "));
  return fields
    .find(([, , type]) => type === "cgroup2")?.[1]
    ?.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** Whether a process wants W3C Trace Context, by its OTEL_PROPAGATORS; unset means yes. */
export function wantsPropagation(environment: Readonly<Record<string, string | undefined>>): boolean {
  const given = environment["OTEL_PROPAGATORS"];
  return (
    given === undefined || given === "" || given.split(",").some((name) => name.trim() === "tracecontext")
  );
}
