import type { Diagnostic } from "./diagnostic.ts";
import { lineColumnAt, lineText } from "./source-range.ts";

const colours = { error: "\u001b[31m", warning: "\u001b[33m", info: "\u001b[36m" } as const;
const reset = "\u001b[0m";
const bold = "\u001b[1m";

export interface PrintOptions {
  /** Texts of the files that ranges point into; a file that is missing here is named without a code frame. */
  readonly sources?: ReadonlyMap<string, string>;
  readonly colour?: boolean;
}

/**
 * Prints one diagnostic with its code frame, lines joined by "\n", no trailing line break:
 *
 *     error[batch-size-order]: cannot use "processors.batch.send_batch_max_size": must be ...
 *       --> otelier.yaml:14:26
 *        14 |     send_batch_max_size: 100
 *           |                          ^^^
 *       hint: raise it to 8192, or lower send_batch_size
 */
export function printDiagnostic(diagnostic: Diagnostic, options: PrintOptions = {}): string {
  const head = `${diagnostic.severity}[${diagnostic.code}]`;
  const colour = options.colour ?? false;
  const painted = colour ? `${bold}${colours[diagnostic.severity]}${head}${reset}` : head;
  const lines = [`${painted}: ${diagnostic.message}`];
  const range = diagnostic.range;
  if (range !== undefined) {
    const text = options.sources?.get(range.file);
    if (text === undefined) {
      lines.push(`  --> ${range.file}`);
    } else {
      const { line, column } = lineColumnAt(text, range.start);
      const frame = lineText(text, line);
      // Carets end with the line, whatever the range covers; an empty range, and one at the end of a line, still gets one.
      const width = Math.max(1, Math.min(range.end - range.start, frame.length - column + 1));
      // A tab is as wide as the terminal says, so the line of carets repeats those before the place.
      const indent = frame.slice(0, column - 1).replace(/[^\t]/g, " ");
      const gutter = String(line).padStart(5);
      lines.push(`  --> ${range.file}:${line}:${column}`, `${gutter} | ${frame}`);
      lines.push(`${" ".repeat(gutter.length)} | ${indent}${"^".repeat(width)}`);
    }
  }
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join("\n");
}
