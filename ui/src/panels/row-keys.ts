/** Moving through the rows of a list by keyboard: arrows or j/k, Home, End, Page keys. Pure; the caller focuses. */

/** The row to go to, or undefined when the key means something else. `current` -1: none yet. */
export function nextRow(key: string, current: number, count: number, pageRows: number): number | undefined {
  if (count === 0) return undefined;
  const clamp = (row: number): number => Math.min(count - 1, Math.max(0, row));
  switch (key) {
    case "ArrowDown":
    case "j":
      return clamp(current + 1);
    case "ArrowUp":
    case "k":
      return clamp(current - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "PageDown":
      return clamp(current + pageRows);
    case "PageUp":
      return clamp(current - pageRows);
    default:
      return undefined;
  }
}

/** True while the person types: single letters are then text, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
