import { fileOffset, withElfFile, type Elf } from "../elf/elf.ts";
import { readBuildInfo, type BuildInfo } from "./build-info.ts";
import { findFunctions, type GoFunction } from "./function-table.ts";
import { goroutineProbes, instrumentations, type Probe } from "./probes.ts";
import { entrySite, isFunctionStart } from "./entry-site.ts";
import { returnSites } from "./return-sites.ts";
import { layoutsKnown, verifiedVersions } from "./struct-offsets.ts";

/** One instruction of a file at which a program of bpf/go.bpf.c shall run. */
export interface ProbeSite {
  readonly program: string;
  readonly offset: number;
}

/** A Go program as the tracer needs to know it. */
export interface GoBinary {
  readonly build: BuildInfo;
  readonly sites: readonly ProbeSite[];
  /** "net/http server" and the like. */
  readonly libraries: readonly string[];
  /** What is not as it should be, for people, one line each. */
  readonly notes: readonly string[];
}

const machines: Readonly<Record<number, "x64" | "arm64">> = { 62: "x64", 183: "arm64" };
/** An SDK in the program reports the same spans; both together would report them twice. */
const sdkModule = "go.opentelemetry.io/otel/sdk";

/** Reads a program's file. Throws an Error whose message completes "cannot trace FILE: ". */
export function readGoBinary(file: string): GoBinary {
  return withElfFile(file, (elf) => {
    const build = readBuildInfo(elf);
    const machine = machines[elf.machine];
    if (build === undefined) throw new Error("it was not built by Go 1.18 or newer");
    if (machine === undefined) throw new Error("its processor is neither x86-64 nor arm64");
    if (build.modules.has(sdkModule)) {
      throw new Error("it reports by itself: the OpenTelemetry SDK is linked in; its own spans are used");
    }
    const names = [...goroutineProbes, ...instrumentations.flatMap(({ probes }) => probes)].map(
      (probe) => probe.function,
    );
    const functions = findFunctions(elf, new Set(names));
    const used = instrumentations.filter(({ required }) => required.some((name) => functions.has(name)));
    if (used.length === 0) throw new Error("it uses neither net/http nor database/sql");
    const notes = versionNotes(build);
    const known = layoutsKnown(build);
    const sites = [...goroutineProbes, ...used.flatMap(({ probes }) => probes)]
      .filter(({ fallback }) => fallback !== true || !known)
      .flatMap((probe) => sitesOf(elf, machine, probe, functions.get(probe.function), notes));
    return { build, sites, libraries: used.map(({ name }) => name), notes };
  });
}

function versionNotes(build: BuildInfo): string[] {
  if (layoutsKnown(build)) return [];
  return [
    `Go ${build.version} was not tried (${verifiedVersions.map((minor) => `1.${minor}`).join(", ")} were): spans may lack attributes`,
  ];
}

function sitesOf(
  elf: Elf,
  machine: "x64" | "arm64",
  probe: Probe,
  found: GoFunction | undefined,
  notes: string[],
): readonly ProbeSite[] {
  const start = found === undefined ? undefined : fileOffset(elf, found.address);
  if (found === undefined || start === undefined) return [];
  const code = elf.bytes(start, found.size);
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
