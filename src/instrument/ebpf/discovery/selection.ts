import path from "node:path";
import { RE2JS } from "re2js";

/** Which running processes are observed. */
export interface Selection {
  /** A process is observed when it matches one of these; the first that it matches says its name. */
  readonly rules: readonly Rule[];
  /** Processes that match one of these are not, whatever else they match. */
  readonly exclude: readonly Rule[];
  /** Service name of processes that have none of their own. */
  readonly service?: string;
  readonly namespace?: string;
  /** Observe also processes that report by themselves: what they do is then told twice. */
  readonly alsoReporting?: boolean;
}

/** A process matches when it has all that is given; a rule that gives nothing matches none. */
export interface Rule {
  /** Listens on one of these TCP ports. */
  readonly ports?: readonly PortRange[];
  /** Globs, one of which matches the name or the whole path of the executable. */
  readonly executables?: readonly string[];
  /** Glob over the whole path of the executable. */
  readonly path?: string;
  /** Regular expression (RE2) that matches in the path of the executable. */
  readonly pathPattern?: string;
  /** Glob over the language: "nodejs", "{python,ruby}". */
  readonly language?: string;
  readonly pids?: readonly number[];
  /** Only processes in another network namespace than ours. */
  readonly containersOnly?: boolean;
  /** Service name of what matches, above its own. */
  readonly name?: string;
  readonly namespace?: string;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What rules ask of a process. */
export interface Candidate {
  readonly pid: number;
  readonly executable: string;
  /** TCP ports on which it listens. */
  readonly ports: ReadonlySet<number>;
  readonly language: string;
  readonly inContainer: () => boolean;
}

/** The rule by which a process is observed. */
export function ruleFor(selection: Selection, candidate: Candidate): Rule | undefined {
  const rule = selection.rules.find((each) => matches(each, candidate));
  return rule === undefined || selection.exclude.some((each) => matches(each, candidate)) ? undefined : rule;
}

/** All ports that any rule asks for. */
export function portsOf(selection: Selection): readonly PortRange[] {
  return [...selection.rules, ...selection.exclude].flatMap(({ ports }) => ports ?? []);
}

function matches(rule: Rule, candidate: Candidate): boolean {
  const { executable } = candidate;
  const answers = [
    rule.ports?.some(({ first, last }) => [...candidate.ports].some((port) => port >= first && port <= last)),
    rule.executables?.some(
      (glob) => matchesGlob(glob, executable) || matchesGlob(glob, path.basename(executable)),
    ),
    rule.path === undefined ? undefined : matchesGlob(rule.path, executable),
    rule.pathPattern === undefined ? undefined : RE2JS.compile(rule.pathPattern).matcher(executable).find(),
    rule.language === undefined ? undefined : matchesGlob(rule.language, candidate.language),
    rule.pids?.includes(candidate.pid),
  ].filter((answer) => answer !== undefined);
  if (answers.length === 0 || answers.includes(false)) return false;
  return rule.containersOnly !== true || candidate.inContainer();
}

/** "8080", "9000-9010" and lists of them with commas; undefined when it is none. */
export function parsePorts(text: string): readonly PortRange[] | undefined {
  const ranges = text.split(",").map((part) => {
    const [, from, to] = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part) ?? [];
    return { first: Number(from), last: Number(to ?? from) };
  });
  return ranges.every(({ first, last }) => first >= 1 && first <= last && last <= 65_535)
    ? ranges
    : undefined;
}

/** "*" and "?" (also over "/"), "{a,b}", "[abc]" and "[!abc]". */
export function matchesGlob(glob: string, text: string): boolean {
  let depth = 0;
  const pattern = glob.replace(/\\.|\[!?[^\]]+\]|[\\^$.|+()[\]{},*?]/gs, (part) => {
    if (part.length > 1) return part.startsWith("[!") ? `[^${part.slice(2)}` : part;
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part === "{") return depth++ === 0 ? "(?:" : "\\{";
    if (part === "}" && depth > 0) return --depth === 0 ? ")" : "\\}";
    if (part === ",") return depth > 0 ? "|" : ",";
    return `\\${part}`;
  });
  try {
    return new RegExp(`^${pattern}$`, "s").test(text);
  } catch {
    return false; // a brace that is never closed
  }
}
