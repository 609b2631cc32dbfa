/**
 * Sees requests of traced Go programs where the kernel moves their bytes (bpf/answers.bpf.c), so that no program stops for them: at tracepoints that
 * Linux has since 6.3.
 */
import { attachAll } from "./kernel/attach-all.ts";
import { LoadedObject } from "./kernel/bpf.ts";
import { kernelMembers } from "./kernel/member-offsets.ts";
import type { BpfObject } from "./kernel/object.ts";

/** Program of bpf/go.bpf.c: where a connection's goroutine begins, which is known by it then. */
export const connectionProgram = "server_connection";
/** Those that are of no use where connections are known: where a request begins and ends. */
export const replacedPrograms: ReadonlySet<string> = new Set(["server_start", "server_end"]);

const tracepoints = ["sock_send_length", "sock_recv_length"];
/** `struct socket_members` of bpf/answers.bpf.c. */
export const answerMembers = ["sock.sk_protocol", "tcp_sock.tcp_mstamp", "tcp_sock.tcp_wstamp_ns"] as const;

/** Starts it beside the loaded programs of bpf/go.bpf.c, for as long as our process lives. Returns whether this kernel has what it needs. */
export function startAnswers(definition: BpfObject, go: LoadedObject): boolean {
  let object: LoadedObject | undefined;
  try {
    object = new LoadedObject(definition, go.maps);
    const offsets = kernelMembers.of(answerMembers);
    if (offsets !== undefined)
      object.map("socket_members").set(Buffer.alloc(4), Buffer.from(Uint32Array.from(offsets).buffer));
    const loaded = object;
    attachAll(tracepoints, (name) => loaded.attachTracepoint(name));
    return true;
  } catch {
    object?.close();
    return false;
  }
}
