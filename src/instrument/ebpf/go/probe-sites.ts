/** From a probe, which names functions, to the instructions of a program's file at which the kernel shall stop. */
import { fileOffset, type Elf } from "../elf/elf.ts";
import { branchAfter, callSites } from "./call-sites.ts";
import { entrySite, isFunctionStart } from "./entry-site.ts";
import type { GoFunction } from "./function-table.ts";
import type { Probe } from "./probes.ts";
import { returnSites } from "./return-sites.ts";

/** One instruction of a file at which a program of bpf/go.bpf.c shall run. */
export interface ProbeSite {
  readonly program: string;
  readonly offset: number;
}

export interface ProgramCode {
  readonly elf: Elf;
  readonly machine: "x64" | "arm64";
  readonly functions: ReadonlyMap<string, GoFunction>;
  /** Whether the layouts of the program's Go are known. */
  readonly known: boolean;
  /** Takes what is not as it should be, for people. */
  readonly notes: string[];
}

/** The probe's sites; those of its alternatives where it has none. Empty when the program has none of the functions. */
export function probeSites(program: ProgramCode, probe: Probe): readonly ProbeSite[] {
  const sites = ownSites(program, probe);
  return sites.length > 0
    ? sites
    : (probe.otherwise ?? []).flatMap((alternative) => probeSites(program, alternative));
}

function ownSites(program: ProgramCode, probe: Probe): readonly ProbeSite[] {
  if (program.known ? probe.fallback === true : probe.known === true) return [];
  if (probe.call !== undefined) return callProbeSites(program, probe.function, probe.call);
  const { machine, notes } = program;
  const found = codeOf(program, program.functions.get(probe.function));
  if (found === undefined) return [];
  const { code, start } = found;
  if (!isFunctionStart(code, machine)) {
    notes.push(`${probe.function} is not watched: its code does not begin as expected`);
    return [];
  }
  const entry =
    probe.entry === undefined ? [] : [{ program: probe.entry, offset: start + entrySite(code, machine) }];
  const { returns } = probe;
  if (returns === undefined) return entry;
  const sites = returnSites(code, machine);
  if (sites === undefined || sites.length === 0) {
    notes.push(`${probe.function} is not watched: the ends of its code were not found`);
    return [];
  }
  return [...entry, ...sites.map((site) => ({ program: returns, offset: start + site }))];
}

/** On arm64 the kernel carries out returns too: nothing is gained there. */
function callProbeSites(
  program: ProgramCode,
  name: string,
  call: NonNullable<Probe["call"]>,
): readonly ProbeSite[] {
  const target = program.functions.get(call.of)?.address;
  if (target === undefined || program.machine !== "x64" || !program.known) return [];
  const callers = [...program.functions.values()].filter((found) =>
    call.inPrefix === true ? found.name.startsWith(name) : found.name === name,
  );
  const offsets = callers.flatMap((caller) => {
    const found = codeOf(program, caller);
    if (found === undefined || !isFunctionStart(found.code, "x64")) return [];
    const { code, start } = found;
    return callSites(code, caller.address, target).map((site) => {
      const at = call.at === "call" ? site : branchAfter(code, site, call.results ?? []);
      return at === undefined ? undefined : start + at;
    });
  });
  return offsets.includes(undefined)
    ? []
    : offsets.map((offset) => ({ program: call.program, offset: offset ?? 0 }));
}

function codeOf(
  { elf }: ProgramCode,
  found: GoFunction | undefined,
): { readonly code: Buffer; readonly start: number } | undefined {
  const start = found === undefined ? undefined : fileOffset(elf, found.address);
  return found === undefined || start === undefined
    ? undefined
    : { code: elf.bytes(start, found.size), start };
}
