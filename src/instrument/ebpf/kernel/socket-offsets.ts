import { kernelMembers, taskMembers, type MemberOffsets } from "./member-offsets.ts";

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
const ofUnsent = ["tcp_sock.write_seq", "tcp_sock.snd_nxt"];
const wordCount = 23;

/** Where packets that come are not seen: what a call has written is then taken as sent. */
export function forgetUnsent(words: Buffer): void {
  words.fill(0, (wordCount - ofUnsent.length) * 4);
}

/** 23 words for bpf/socket.h; the first is 0 when this kernel does not say where its structures have their members: descriptors are then taken as they are. */
export function socketOffsets(kernel: MemberOffsets = kernelMembers): Buffer {
  const words = Buffer.alloc(wordCount * 4);
  // Who observes sockets traces Go programs as well, when there are some.
  kernel.prepare([...members, ...ofTcp, ...ofUnsent, ...taskMembers]);
  const offsets = kernel.of(members);
  if (offsets === undefined) return words;
  // Without those of TCP neither arrivals are known nor what leaves later.
  const tcp = kernel.of([...ofTcp, ...ofUnsent]) ?? [];
  for (const [index, offset] of [1, ...offsets, ...tcp].entries()) words.writeUInt32LE(offset, index * 4);
  return words;
}
