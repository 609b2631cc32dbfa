/** Figures and words of services and operations. Pure. */
import type { OperationSummary } from "../../../../src/api/explore/wire.ts";

export interface RedFigures {
  readonly perSecond: number;
  /** 0 to 1. */
  readonly errorShare: number;
}

export function redFigures(
  red: { readonly count: number; readonly errorCount: number },
  windowMs: number,
): RedFigures {
  return {
    perSecond: windowMs > 0 ? (red.count * 1000) / windowMs : 0,
    errorShare: red.count === 0 ? 0 : red.errorCount / red.count,
  };
}

/** Operations where requests enter a service; all of them when there are none, as in programs that only run jobs. */
export function entryOperations(operations: readonly OperationSummary[]): readonly OperationSummary[] {
  const entries = operations.filter(({ kind }) => kind === "Server" || kind === "Consumer");
  return entries.length > 0 ? entries : operations;
}

/** Key of an operation in lists. */
export function operationKey(operation: OperationSummary): string {
  return `${operation.service}\n${operation.name}\n${operation.kind}`;
}

const languageNames: Readonly<Record<string, string>> = {
  nodejs: "Node.js",
  webjs: "Browser",
  python: "Python",
  go: "Go",
  java: "Java",
  dotnet: ".NET",
  ruby: "Ruby",
  php: "PHP",
  rust: "Rust",
  cpp: "C++",
  erlang: "Erlang",
  swift: "Swift",
};

/** telemetry.sdk.language as people write it. */
export function languageName(language: string): string {
  return languageNames[language] ?? language;
}
