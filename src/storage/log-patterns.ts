/**
 * Clusters of similar log bodies. First every word that holds a digit becomes "<*>", which any store can do by itself; what is left is few enough to
 * compare: templates of as many words, most of them alike, are one, as in Drain (He et al., 2017). Counts stay true: templates are merged, records
 * never sampled.
 */
import type { LogPattern } from "./logs.ts";

/** Characters of a body that are looked at. */
export const patternChars = 300;
/** Words with a digit in them, as RE2 and JavaScript read it alike. */
export const variableWord = "[^ \\t\\r\\n,;()\\[\\]{}\"'=:/<>]*[0-9][^ \\t\\r\\n,;()\\[\\]{}\"'=:/<>]*";
export const variableMark = "<*>";

const variableWords = new RegExp(variableWord, "g");

/** `templateOf("took 18 ms for user-42")` is "took <*> ms for <*>". */
export function templateOf(body: string): string {
  return Array.from(body.slice(0, 2 * patternChars))
    .slice(0, patternChars)
    .join("")
    .replaceAll(variableWords, variableMark);
}

/** Share of equal words from which two templates of one length are one pattern. */
const alike = 0.6;
/** A word or two prove nothing: "ready" is not "slow". */
const fewWords = 4;

interface Group {
  words: string[];
  pattern: LogPattern;
}

/** Merges what differs in few words. `found`: one entry a template, most records first; the order of the answer is the same. */
export function mergePatterns(found: readonly LogPattern[], most: number): readonly LogPattern[] {
  const groups = new Map<string, Group[]>();
  for (const pattern of found) {
    const words = pattern.template.split(" ");
    // Drain's first level: the number of words and the first of them; a variable first word stands for any.
    const key = `${words.length} ${words[0] ?? ""}`;
    const candidates = groups.get(key) ?? [];
    groups.set(key, candidates);
    const same = candidates.find((group) => isAlike(group.words, words));
    if (same === undefined) candidates.push({ words, pattern });
    else join(same, words, pattern);
  }
  return [...groups.values()]
    .flat()
    .map(({ pattern }) => pattern)
    .toSorted((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1))
    .slice(0, most);
}

function isAlike(a: readonly string[], b: readonly string[]): boolean {
  if (a.length < fewWords) return a.every((word, i) => word === b[i]);
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length >= alike;
}

function join(group: Group, words: readonly string[], more: LogPattern): void {
  group.words = group.words.map((word, i) => (word === words[i] ? word : variableMark));
  const { pattern } = group;
  group.pattern = {
    template: group.words.join(" "),
    count: pattern.count + more.count,
    severities: pattern.severities.map((count, i) => count + (more.severities[i] ?? 0)),
    services: [...new Set([...pattern.services, ...more.services])].slice(0, 5),
    example: pattern.example,
    firstMs: Math.min(pattern.firstMs, more.firstMs),
    lastMs: Math.max(pattern.lastMs, more.lastMs),
  };
}
