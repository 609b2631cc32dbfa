/** Puts trace context into the plain HTTP/1 requests that observed processes send (bpf/context.bpf.c). */
import { LoadedObject } from "./kernel/bpf.ts";
import { wordOf } from "./kernel/map-bytes.ts";
import { kernelMembers } from "./kernel/member-offsets.ts";
import type { BpfObject } from "./kernel/object.ts";
import { startAtSockets, type Propagation } from "./propagation.ts";

/** These maps are those of the object of bpf/syscalls.bpf.c, too. */
const sharedMaps = ["processes", "calls", "server_threads", "served", "openers", "sent_contexts"];

/** Starts it beside the loaded programs of bpf/syscalls.bpf.c, which decide for it. Never throws. */
export function startSentContext(definition: BpfObject, syscalls: LoadedObject): Propagation {
  const shared = new Map(sharedMaps.map((name) => [name, syscalls.map(name)]));
  let object: LoadedObject | undefined;
  const started = startAtSockets(() => {
    if (syscalls.refused !== undefined) throw syscalls.refused;
    const loaded = new LoadedObject(definition, shared);
    object = loaded;
    const prepare = (): void => {
      const [offset] = kernelMembers.of(["tcp_sock.write_seq"]) ?? [];
      if (offset === undefined) throw new Error("the kernel does not say how its sockets are built");
      setWrittenOffset(loaded, offset);
      // Without it the threads that have ended would fill the room for those that run.
      syscalls.attachTracepoint("sched_process_exit");
    };
    return { object: loaded, prepare };
  });
  return {
    ...started,
    end() {
      started.end();
      if (object === undefined || started.refused !== undefined) return;
      // At once, not when our process has ended: nobody would tell of the spans that are named by then.
      setWrittenOffset(object, 0);
      const sockets = object.map("sockets");
      for (const key of sockets.keys()) sockets.remove(key);
    },
  };
}

function setWrittenOffset(object: LoadedObject, offset: number): void {
  object.map("written_offset").set(wordOf(0), wordOf(offset));
}
