/** Light, dark or the system's theme on the document, and the moment at which canvases must draw anew. */
import { useMemo } from "react";
import { createStore, useStore } from "./store.ts";
import { currentPreferences, setPreferences, type Theme } from "./preferences.ts";
import { forgetResolvedTokens, resolveToken, type TokenReader } from "../design/palette.ts";

const version = createStore(0);

function themeChanged(): void {
  forgetResolvedTokens();
  version.set(version.get() + 1);
}

/** To call once before the first paint. */
export function startTheme(): void {
  apply(currentPreferences().theme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themeChanged();
}

export function chooseTheme(theme: Theme): void {
  setPreferences({ theme });
  apply(theme);
}

/** Reads a token's colour for a canvas. The function is another one whenever the colours change, so that effects which draw run again. */
export function useTokens(): TokenReader {
  const shown = useStore(version);
  return useMemo(() => readerOf(shown), [shown]);
}

function readerOf(_version: number): TokenReader {
  return (token) => resolveToken(token);
}
