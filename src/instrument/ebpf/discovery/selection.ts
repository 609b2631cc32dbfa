/** Which running processes are observed: those that match any of the three. */
export interface Selection {
  /** Processes that listen on one of these TCP ports: "8080" or "9000-9010". */
  readonly ports: readonly PortRange[];
  /** Globs ("*" and "?") over the name or the whole path of the executable. */
  readonly executables: readonly string[];
  readonly pids: readonly number[];
  /** Service name of processes that have none of their own. */
  readonly service?: string;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** "8080" or "9000-9010"; undefined when it is neither. */
export function parsePorts(text: string): PortRange | undefined {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const first = Number(from);
  const last = Number(to ?? from);
  return first >= 1 && first <= last && last <= 65_535 ? { first, last } : undefined;
}

export function matchesGlob(glob: string, text: string): boolean {
  const pattern = glob
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "s").test(text);
}
