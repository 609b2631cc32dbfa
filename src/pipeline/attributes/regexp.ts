import { RE2JS } from "re2js";

/** A compiled RE2 expression, as the Collector (Go's regexp) understands it; linear time whatever the input. */
export interface Regexp {
  /** Finds anywhere in the text, as Go's MatchString. */
  matches(text: string): boolean;
  /** Texts of the groups of the first match, index 0 the whole; undefined without a match. */
  groups(text: string): readonly string[] | undefined;
  /** Names of the groups by number, '' for an unnamed one; index 0 is ''. */
  readonly names: readonly string[];
}

/** Compiles; the text of the problem when it is no RE2 expression. */
export function compileRegexp(source: string): Regexp | { readonly problem: string } {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const names = Array.from({ length: compiled.groupCount() + 1 }, () => "");
  for (const [name, number] of Object.entries(compiled.namedGroups())) names[number] = name;
  return {
    names,
    matches: (text) => compiled.matcher(text).find(),
    groups: (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      return names.map((_, number) => matcher.group(number) ?? "");
    },
  };
}
