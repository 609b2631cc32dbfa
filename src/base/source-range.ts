/** A stretch of a source text: `start` inclusive, `end` exclusive, both UTF-16 offsets into the file's text. */
export interface SourceRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A place for people: both numbers start at 1; `column` counts UTF-16 units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Finds line and column of an offset; an offset past the end is the end. */
export function lineColumnAt(text: string, offset: number): LineColumn {
  const end = Math.min(Math.max(offset, 0), text.length);
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: end - lineStart + 1 };
}

/** The text of line `line` (from 1), without its line break; '' when there is no such line. */
export function lineText(text: string, line: number): string {
  return (text.split("\n", line)[line - 1] ?? "").replace(/\r$/, "");
}
