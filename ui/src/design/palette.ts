/**
 * Colours by token. DOM and SVG use `var(--token)`; canvas needs the resolved colour, which `resolveToken` reads from the document.
 */
export const seriesColourCount = 12;

/** Token of the series colour `index` (any integer from 0; repeats after 12). */
export function seriesToken(index: number): string {
  return `--series-${(index % seriesColourCount) + 1}`;
}

/** Token to the colour as a canvas takes it. */
export type TokenReader = (token: string) => string;

const resolved = new Map<string, string>();
let probe: HTMLElement | undefined;

/** The colour of a token in the theme now shown, as a canvas takes it. Cached until `forgetResolvedTokens`. */
export function resolveToken(token: string): string {
  const known = resolved.get(token);
  if (known !== undefined) return known;
  if (probe === undefined) {
    probe = document.createElement("span");
    probe.style.display = "none";
    document.body.append(probe);
  }
  probe.style.color = `var(${token})`;
  const colour = getComputedStyle(probe).color;
  resolved.set(token, colour);
  return colour;
}

/** To call when the theme changed. */
export function forgetResolvedTokens(): void {
  resolved.clear();
}
