/** Where a program's go statements are: the direct calls of runtime.newproc, on x86-64. */
import { fileOffset, type Elf } from "../elf/elf.ts";
import { callSites } from "./call-sites.ts";
import { functionAt, functionIndex, type FunctionTable, type GoFunction } from "./function-table.ts";

export interface GoStatements {
  /** Offsets in the file of all but those that need no watching. */
  readonly offsets: readonly number[];
  /** Address of runtime.sched.goidgen; 0n where it is not known before the program runs. */
  readonly lastNumber: bigint;
}

/** Runs for each request over HTTP/1 and does nothing that becomes a span. */
const unwatched: ReadonlySet<string> = new Set(["net/http.(*connReader).startBackgroundRead"]);
const callOpcode = 0xe8;
const callLength = 5;

/**
 * Undefined where one of the calls may have been missed, so that goroutines must be watched as they are made.
 * @param newproc runtime.newproc
 * @param newproc1 runtime.newproc1, which counts goroutines
 */
export function goStatements(
  elf: Elf,
  table: FunctionTable,
  newproc: GoFunction,
  newproc1: GoFunction,
): GoStatements | undefined {
  const end = table.startOf(table.count);
  const start = fileOffset(elf, table.text);
  const counting = fileOffset(elf, newproc1.address);
  if (start === undefined || counting === undefined) return undefined;
  const code = elf.bytes(start, end);
  const target = Number(newproc.address - table.text);
  const callers = new Set<number>();
  const candidates: number[] = [];
  for (let at = code.indexOf(callOpcode); at !== -1; at = code.indexOf(callOpcode, at + 1)) {
    if (at + callLength > code.length || at + callLength + code.readInt32LE(at + 1) !== target) continue;
    candidates.push(at);
    callers.add(functionIndex(table, at));
  }
  const calls = new Set<number>();
  const watched: number[] = [];
  for (const index of callers) {
    const { name, address, size } = functionAt(table, index);
    const from = table.startOf(index);
    for (const site of callSites(code.subarray(from, from + size), address, newproc.address)) {
      calls.add(from + site);
      if (!unwatched.has(name)) watched.push(start + from + site);
    }
  }
  if (!candidates.every((at) => calls.has(at))) return undefined;
  const lastNumber = elf.isRelocated ? 0n : counterIn(elf.bytes(counting, newproc1.size), newproc1.address);
  return { offsets: watched, lastNumber };
}

/** Of `mov $16, r; lea counter(%rip), s; lock xadd r, (s)`, by which a processor takes its next numbers. */
function counterIn(code: Buffer, address: bigint): bigint {
  for (let at = code.indexOf("10000000", 0, "hex"); at !== -1; at = code.indexOf("10000000", at + 1, "hex")) {
    const lea = at + 4;
    const isLea = (code[lea]! & 0xfb) === 0x48 && code[lea + 1] === 0x8d && (code[lea + 2]! & 0xc7) === 0x05;
    const isExchange = code[lea + 7] === 0xf0 && code[lea + 9] === 0x0f && code[lea + 10] === 0xc1;
    if (isLea && isExchange) return address + BigInt(lea + 7 + code.readInt32LE(lea + 3));
  }
  return 0n;
}
