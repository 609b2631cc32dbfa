export interface JsonPlace {
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

interface Level {
  /** Undefined in an object. */
  index: number | undefined;
  key: string;
}

/** Longest path that is told. */
const maxPathLength = 200;

/**
 * Line and column (from 1, in bytes) of an offset, and the path of the value there, found by walking the text up to it once
 * more: nobody pays for paths until something is wrong. The text before `offset` is valid JSON.
 */
export function placeOf(json: Uint8Array, offset: number): JsonPlace {
  let line = 1;
  let lineStart = 0;
  const levels: Level[] = [];
  for (let at = 0; at < offset && at < json.length; at++) {
    switch (json[at] ?? 0) {
      case 0x0a:
        line++;
        lineStart = at + 1;
        break;
      case 0x22:
        at = walkString(json, at, offset, levels.at(-1));
        break;
      case 0x7b:
        levels.push({ index: undefined, key: "" });
        break;
      case 0x5b:
        levels.push({ index: 0, key: "" });
        break;
      case 0x7d:
      case 0x5d:
        levels.pop();
        break;
      case 0x2c:
        next(levels.at(-1));
        break;
      default:
    }
  }
  return { line, column: offset - lineStart + 1, path: pathOf(levels) };
}

/** Returns the offset of the closing quote, or of the last byte before `offset`. */
function walkString(json: Uint8Array, start: number, offset: number, level: Level | undefined): number {
  let at = start + 1;
  while (at < offset && at < json.length && json[at] !== 0x22) at += json[at] === 0x5c ? 2 : 1;
  // In an object the first string after "{" or "," is the key.
  if (level?.index === undefined && level !== undefined && level.key === "") {
    level.key = Buffer.from(json.subarray(start + 1, Math.min(at, start + 65))).toString("utf8");
  }
  return at;
}

function next(level: Level | undefined): void {
  if (level === undefined) return;
  if (level.index === undefined) level.key = "";
  else level.index++;
}

function pathOf(levels: readonly Level[]): string {
  let path = "";
  for (const { index, key } of levels) {
    if (index !== undefined) path += `[${index}]`;
    else if (key !== "") path += path === "" ? key : `.${key}`;
  }
  return path.length <= maxPathLength ? path : `${path.slice(0, maxPathLength)}...`;
}
