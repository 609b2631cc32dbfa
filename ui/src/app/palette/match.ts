/** Which commands the words typed into the palette mean. Pure. */
export interface Command {
  readonly id: string;
  readonly group: "Page" | "Service" | "Metric" | "Operation" | "Time" | "Do" | "View";
  readonly name: string;
  /** Looked at as well, and shown faint. */
  readonly note: string;
  readonly run: () => void;
}

/**
 * The commands that hold every word of `text`, best first: names that begin with the text, then words that do, then the rest; ties keep the
 * order given. At most `most`.
 */
export function matchCommands(
  commands: readonly Command[],
  text: string,
  most: number,
): { readonly found: readonly Command[]; readonly omitted: number } {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter((word) => word !== "");
  const ranked: { command: Command; rank: number }[] = [];
  for (const command of commands) {
    const name = command.name.toLowerCase();
    const hay = `${name} ${command.group.toLowerCase()} ${command.note.toLowerCase()}`;
    if (!words.every((word) => hay.includes(word))) continue;
    const rank =
      wanted === "" || name.startsWith(wanted)
        ? 0
        : name.split(/[\s./_-]+/).some((part) => part.startsWith(words[0] ?? ""))
          ? 1
          : name.includes(words[0] ?? "")
            ? 2
            : 3;
    ranked.push({ command, rank });
  }
  ranked.sort((a, b) => a.rank - b.rank);
  return {
    found: ranked.slice(0, most).map(({ command }) => command),
    omitted: Math.max(0, ranked.length - most),
  };
}

/** The trace id in what was pasted: 32 hexadecimal digits, alone or within a `traceparent`. */
export function traceIdIn(text: string): string | undefined {
  return /(?:^|-|\b)([0-9a-f]{32})(?:-|\b|$)/i.exec(text.trim())?.[1]?.toLowerCase();
}
