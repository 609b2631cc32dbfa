/** Light, dark or the system's theme on the document, and the moment at which canvases must draw anew. */
import { createStore, useStore } from "./store.ts";
import { currentPreferences, setPreferences, type Theme } from "./preferences.ts";
import { forgetResolvedTokens } from "../design/palette.ts";

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

/** Changes whenever the colours do: a dependency for effects that draw. */
export function useThemeVersion(): number {
  return useStore(version);
}
