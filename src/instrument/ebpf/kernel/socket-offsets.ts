import { readFileSync } from "node:fs";
import { Btf } from "./btf.ts";

/** `struct offsets` of bpf/socket.h behind its first word, in order. */
const members = [
  "task_struct.files",
  "files_struct.fdt",
  "fdtable.fd",
  "fdtable.max_fds",
  "file.private_data",
  "socket.file",
  "socket.sk",
  "sock_common.skc_family",
  "sock.sk_protocol",
  "sock_common.skc_rcv_saddr",
  "sock_common.skc_daddr",
  "sock_common.skc_v6_rcv_saddr",
  "sock_common.skc_v6_daddr",
  "sock_common.skc_num",
  "sock_common.skc_dport",
  "sock_common.skc_net",
];

/** 18 words for bpf/socket.h; the first is 0 when this kernel does not say where its structures have their members. */
export function socketOffsets(): Buffer {
  const words = Buffer.alloc(18 * 4);
  try {
    const offsets = new Btf(readFileSync("/sys/kernel/btf/vmlinux")).offsets(members);
    for (const [index, offset] of [1, ...offsets].entries()) words.writeUInt32LE(offset, index * 4);
  } catch {
    return Buffer.alloc(words.length); // no BTF: descriptors are taken as they are
  }
  return words;
}
