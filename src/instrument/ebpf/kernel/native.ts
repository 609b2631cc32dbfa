/**
 * System calls that Node.js does not offer: bpf(2), perf_event_open(2), ioctl(2), mmap(2). No library of the system is needed save
 * libc. A failed call throws a SystemError with the name of its errno.
 */
import process from "node:process";
import koffi from "koffi";
import { clockAheadNs } from "./clock-ahead.ts";

/** A call that the kernel refused. */
export class SystemError extends Error {
  /** "EPERM" and the like. */
  readonly code: string;
  /** Why the verifier refused a program; "" when it did not come to that. */
  verifierReason = "";

  constructor(call: string, errno: number) {
    const code = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** Memory outside of the heap of JavaScript, which the kernel may read and write. */
export interface Memory {
  readonly address: bigint;
  readonly buffer: ArrayBuffer;
}

const numbers =
  process.arch === "arm64"
    ? { bpf: 280, perfEventOpen: 241, ioctl: 29, close: 57, mmap: 222, munmap: 215, clockGettime: 113 }
    : { bpf: 321, perfEventOpen: 298, ioctl: 16, close: 3, mmap: 9, munmap: 11, clockGettime: 228 };

type Syscall = (number: number, ...words: readonly (number | bigint)[]) => number | bigint;
// As many words as any call takes; those beyond are ignored by the kernel.
const libc = koffi.load(null);
const sysconf: (name: number) => number | bigint = libc.func("long sysconf(int name)");
const syscall: Syscall = libc.func(
  "intptr_t syscall(intptr_t number, intptr_t a, intptr_t b, intptr_t c, intptr_t d, intptr_t e, intptr_t f)",
);

type Later = (error: Error | null, result: number) => void;
const eventfd: (value: number, flags: number) => number = libc.func(
  "int eventfd(unsigned int value, int flags)",
);
const poll: { async(entries: bigint, count: number, withinMs: number, done: Later): void } = libc.func(
  "int poll(intptr_t entries, unsigned long count, int withinMs)",
);

function call(name: keyof typeof numbers, what: string, ...words: readonly (number | bigint)[]): bigint {
  const padded = [...words, 0, 0, 0, 0, 0, 0].slice(0, 6);
  const result = BigInt(syscall(numbers[name], ...padded));
  if (result === -1n) throw new SystemError(what, koffi.errno());
  return result;
}

const [readable, writable] = [1, 2];
const [shared, anonymousPrivate] = [1, 0x22];

/** Zeroed memory of our own. */
export function allocate(size: number): Memory {
  return map(size, readable | writable, anonymousPrivate, -1, 0);
}

/** Maps a part of what `descriptor` stands for, shared with the kernel. */
export function mapShared(descriptor: number, offset: number, size: number, canWrite: boolean): Memory {
  return map(size, canWrite ? readable | writable : readable, shared, descriptor, offset);
}

function map(size: number, access: number, flags: number, descriptor: number, offset: number): Memory {
  const address = call("mmap", "mmap", 0, size, access, flags, descriptor, offset);
  return { address, buffer: koffi.view(address, size) };
}

export function unmap(memory: Memory): void {
  call("munmap", "munmap", memory.address, memory.buffer.byteLength);
}

export function bpf(command: number, attributes: Memory, size: number, what: string): number {
  return Number(call("bpf", what, command, attributes.address, size));
}

/** As `bpf`; false when there is none of what was asked for (ENOENT), which is often so and no error. */
export function bpfFinds(command: number, attributes: Memory, size: number, what: string): boolean {
  if (syscall(numbers.bpf, command, attributes.address, size, 0, 0, 0) !== -1) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno["ENOENT"]) return false;
  throw new SystemError(what, errno);
}

export function perfEventOpen(attributes: Memory, pid: number, cpu: number): number {
  const closeOnExec = 8;
  return Number(call("perfEventOpen", "perf_event_open", attributes.address, pid, cpu, -1, closeOnExec));
}

export function ioctl(descriptor: number, request: number, value: number): void {
  call("ioctl", "ioctl", descriptor, request, value);
}

export function close(descriptor: number): void {
  call("close", "close", descriptor);
}

/** A descriptor at which there is something to read once a number is written to it. */
export function eventDescriptor(): number {
  const closeOnExec = 0x80000;
  const descriptor = eventfd(0, closeOnExec);
  if (descriptor < 0) throw new SystemError("eventfd", koffi.errno());
  return descriptor;
}

/** Waits in a thread of libuv's until something happens at one of so many `struct pollfd`. Resolves with how many, or with -1. */
export function pollLater(entries: Memory, count: number): Promise<number> {
  const forever = -1;
  return new Promise((resolve) => {
    poll.async(entries.address, count, forever, (error, result) => resolve(error === null ? result : -1));
  });
}

/** How far the wall clock is ahead of CLOCK_MONOTONIC, in nanoseconds: what to add to times that BPF programs take. */
export function wallClockAheadNs(): bigint {
  return clockAheadNs(wallClockNs, () => process.hrtime.bigint());
}

function wallClockNs(): bigint {
  const realtime = 0;
  call("clockGettime", "clock_gettime", realtime, time.address);
  const view = new DataView(time.buffer);
  return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
}
const time = allocate(16);

export function pageSize(): number {
  const pageSizeName = 30;
  return Number(sysconf(pageSizeName));
}
