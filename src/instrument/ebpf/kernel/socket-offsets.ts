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
/** The words behind them; 0 when the kernel has one of them not. */
const ofTcp = ["tcp_sock.tcp_mstamp", "tcp_sock.rcv_nxt", "tcp_sock.copied_seq", "tcp_sock.tcp_wstamp_ns"];
const wordCount = 21;

/** 21 words for bpf/socket.h; the first is 0 when this kernel does not say where its structures have their members. */
export function socketOffsets(): Buffer {
  const words = Buffer.alloc(wordCount * 4);
  try {
    const btf = new Btf(readFileSync("/sys/kernel/btf/vmlinux"));
    for (const [index, offset] of [1, ...btf.offsets(members)].entries())
      words.writeUInt32LE(offset, index * 4);
    for (const [index, offset] of tcpOffsets(btf).entries())
      words.writeUInt32LE(offset, (1 + members.length + index) * 4);
  } catch {
    return Buffer.alloc(words.length); // no BTF: descriptors are taken as they are
  }
  return words;
}

function tcpOffsets(btf: Btf): readonly number[] {
  try {
    return btf.offsets(ofTcp);
  } catch {
    return []; // arrivals are not known
  }
}
