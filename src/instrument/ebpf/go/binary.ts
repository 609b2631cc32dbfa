import { sectionNamed, withElfFile } from "../elf/elf.ts";
import { readBuildInfo, type BuildInfo } from "./build-info.ts";
import { findFunctions, readFunctionTable, type FunctionTable } from "./function-table.ts";
import { goStatements, type GoStatements } from "./go-statements.ts";
import {
  runtimeFunctions,
  runtimeParts,
  runtimeVariables,
  type RuntimeVariables,
} from "./runtime-variables.ts";
import {
  functionsOf,
  goroutineProbes,
  instrumentations,
  processProbes,
  type Instrumentation,
} from "./probes.ts";
import { patternOffset } from "./request-pattern.ts";
import { routers } from "./routers.ts";
import { probeSites, type ProbeSite, type ProgramCode } from "./probe-sites.ts";
import { layoutsKnown, verifiedVersions } from "./struct-offsets.ts";

/** A Go program as the tracer needs to know it. */
export interface GoBinary {
  readonly build: BuildInfo;
  readonly sites: readonly ProbeSite[];
  /** What makes its goroutines, where that is watched; undefined where goroutines are watched as they are made. */
  readonly statements: GoStatements | undefined;
  /** Where its runtime counts; undefined where the layouts of its Go are not known. */
  readonly runtime: GoRuntimeVariables | undefined;
  /** Where a request has its route when it ends; zero where the route is watched as the mux finds it. */
  readonly requestPattern: number;
  /** Whether the goroutines of its connections can be known from their beginnings, and what they do by its connections. */
  readonly knowsConnections: boolean;
  /** "net/http server" and the like. */
  readonly libraries: readonly string[];
  /** What is not as it should be, for people, one line each. */
  readonly notes: readonly string[];
}

export interface GoRuntimeVariables extends RuntimeVariables {
  /** Of its Go. */
  readonly minor: number;
  /** Address of its first instruction, before relocation. */
  readonly entry: bigint;
}

const machines: Readonly<Record<number, "x64" | "arm64">> = { 62: "x64", 183: "arm64" };
/** An SDK in the program reports the same spans; both together would report them twice. */
const sdkModule = "go.opentelemetry.io/otel/sdk";

/** Nobody asks for a line about what is never traced. */
export const notGo = "it is no Go program";

/** Reads a program's file. Throws an Error whose message completes "cannot trace FILE: ". */
export function readGoBinary(file: string): GoBinary {
  return withElfFile(file, (elf) => {
    const build = readBuildInfo(elf);
    const machine = machines[elf.machine];
    if (build === undefined) {
      const isOld = sectionNamed(elf, ".go.buildinfo") !== undefined;
      throw new Error(isOld ? "it was not built by Go 1.18 or newer" : notGo);
    }
    if (machine === undefined) throw new Error("its processor is neither x86-64 nor arm64");
    if (build.modules.has(sdkModule)) {
      throw new Error("it reports by itself: the OpenTelemetry SDK is linked in; its own spans are used");
    }
    const { names, prefixes } = functionsOf([
      ...goroutineProbes,
      ...processProbes,
      ...[...instrumentations, ...routers].flatMap(({ probes }) => probes),
    ]);
    const table = readFunctionTable(elf);
    const functions = findFunctions(
      table,
      new Set([...names, "runtime.newproc", requestReader, ...runtimeFunctions]),
      prefixes,
    );
    const used = instrumentations.filter(({ required }) => required.some((name) => functions.has(name)));
    if (used.length === 0) throw new Error("it uses none of net/http, gRPC, database/sql, pgx and go-redis");
    const notes = versionNotes(build);
    const program: ProgramCode = { elf, machine, functions, known: layoutsKnown(build), notes };
    // Locks that check their order are larger, and move what stands behind them.
    const runtime =
      program.known && !build.experiments.includes("staticlockranking")
        ? { ...runtimeVariables(elf, machine, functions, build.minor), minor: build.minor, entry: elf.entry }
        : undefined;
    notes.push(...notesOfRuntime(runtime));
    const statements = statementsOf(program, table, build);
    const isServer = used.some(({ name }) => name === "net/http server");
    const routersUsed = isServer ? usedRouters(program, build) : [];
    // The innermost router says the route: one that is asked at the end cannot tell whether it is.
    const requestPattern = routersUsed.length > 0 ? 0 : patternOf(program, table);
    const sites = [
      ...(statements?.offsets ?? []).map((offset) => ({ program: "go_statement", offset })),
      ...[
        ...(statements === undefined ? goroutineProbes : []),
        ...processProbes,
        ...[...used, ...routersUsed]
          .flatMap(({ probes }) => probes)
          .filter((probe) => requestPattern === 0 || probe.findsPattern !== true),
      ].flatMap((probe) => probeSites(program, probe)),
    ];
    return {
      build,
      sites,
      statements,
      requestPattern,
      knowsConnections:
        statements !== undefined && sites.some(({ program: at }) => at === "server_connection"),
      runtime,
      libraries: withRouters(used, routersUsed).map(({ name }) => name),
      notes,
    };
  });
}

function usedRouters(program: ProgramCode, { modules }: BuildInfo): readonly Instrumentation[] {
  return routers.filter(
    ({ isRouter, probes }) =>
      isRouter?.(modules) === true && probes.some((probe) => probeSites(program, probe).length > 0),
  );
}

/** As people read it: routers behind the server that they are for. */
function withRouters(
  [first, ...others]: readonly Instrumentation[],
  routersUsed: readonly Instrumentation[],
): readonly Instrumentation[] {
  return first === undefined ? [] : [first, ...routersUsed, ...others];
}

/** Goroutines know who made them since Go 1.21. */
const firstWithParents = 21;

function statementsOf(
  { elf, machine, functions, known }: ProgramCode,
  table: FunctionTable,
  { minor }: BuildInfo,
): GoStatements | undefined {
  const [newproc, newproc1] = ["runtime.newproc", "runtime.newproc1"].map((name) => functions.get(name));
  if (
    machine !== "x64" ||
    !known ||
    minor < firstWithParents ||
    newproc === undefined ||
    newproc1 === undefined
  )
    return undefined;
  return goStatements(elf, table, newproc, newproc1);
}

const requestReader = "net/http.readRequest";

function patternOf({ elf, machine, functions, known }: ProgramCode, table: FunctionTable): number {
  const reader = functions.get(requestReader);
  return machine === "x64" && known && reader !== undefined ? patternOffset(elf, table, reader) : 0;
}

function versionNotes(build: BuildInfo): string[] {
  if (layoutsKnown(build)) return [];
  return [
    `Go ${build.version} was not tried (${verifiedVersions.map((minor) => `1.${minor}`).join(", ")} were): spans may lack attributes, and there are no metrics of its runtime`,
  ];
}

/** What cannot be measured because a variable was not found. */
function notesOfRuntime(runtime: GoRuntimeVariables | undefined): string[] {
  if (runtime === undefined) return [];
  const lacking = Object.values(runtimeParts).flatMap(({ metrics, found }) =>
    found(runtime) ? [] : metrics,
  );
  return lacking.length === 0
    ? []
    : [`no ${lacking.join(", ")}: it is stripped, and what they need was not found`];
}
