/** How paths become routes, as OBI's and Beyla's "routes" section says it. */
export interface RouteRules {
  /** Paths with ":name", "{name}" or "*" as segments; "/**" at the end takes all that follows. */
  readonly patterns: readonly string[];
  readonly ignoredPatterns: readonly string[];
  /** What is not told of ignored paths. */
  readonly ignore: "all" | "traces" | "metrics";
  /** The route of a path without a pattern; "unset" leaves it without. */
  readonly unmatched: "heuristic" | "low-cardinality" | "path" | "wildcard" | "unset";
  readonly wildcard: string;
}

/** The route of a path; undefined when there is none. */
export function compileRoutes(rules: RouteRules): (path: string) => string | undefined {
  const patterns = rules.patterns.map((pattern) => ({ pattern, matches: matcherOf(pattern) }));
  return (path) => {
    const found = patterns.find(({ matches }) => matches(path));
    if (found !== undefined) return found.pattern;
    switch (rules.unmatched) {
      case "unset":
        return undefined;
      case "path":
        return path;
      case "wildcard":
        return "/**";
      default:
        return heuristicRoute(path, rules.wildcard);
    }
  };
}

/** What is not told of a path; undefined when all is. */
export function compileIgnored(rules: RouteRules): (path: string) => RouteRules["ignore"] | undefined {
  const matchers = rules.ignoredPatterns.map(matcherOf);
  return (path) => (matchers.some((matches) => matches(path)) ? rules.ignore : undefined);
}

function matcherOf(pattern: string): (path: string) => boolean {
  const rest = pattern.endsWith("/**");
  const wanted = (rest ? pattern.slice(0, -3) : pattern).split("/");
  return (path) => {
    const segments = path.split("/");
    if (rest ? segments.length < wanted.length : segments.length !== wanted.length) return false;
    return wanted.every(
      (segment, index) => /^(?::.+|\{.+\}|\*)$/.test(segment) || segment === segments[index],
    );
  };
}

const maxSegments = 10;

/** The path with a wildcard for every segment that looks like somebody's data: numbers, identifiers, long or mixed words. */
function heuristicRoute(path: string, wildcard: string): string {
  const segments = path.split("/");
  const shown = segments.slice(0, maxSegments + 1).map((segment) => (isName(segment) ? segment : wildcard));
  return [...shown, ...(segments.length > shown.length ? [wildcard] : [])].join("/");
}

function isName(segment: string): boolean {
  // "v1" and "oauth2" are names; "4f2a", "user-77131" and what is encoded are not.
  return (
    segment === "" || (/^[a-zA-Z][a-zA-Z_.-]{0,31}\d{0,2}$/.test(segment) && !/^[0-9a-f]{8,}$/i.test(segment))
  );
}
