/** What one person likes on one browser; kept in localStorage, never in links. */
import { createStore, useStore, type Store } from "./store.ts";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  readonly theme: Theme;
  /** Follow new data on windows that end now. */
  readonly live: boolean;
  /** Width of the waterfall's name column, share of the whole, 0.15 to 0.7. */
  readonly nameShare: number;
  readonly wrapLogs: boolean;
}

const storageKey = "otelier.preferences";
const defaults: Preferences = { theme: "system", live: true, nameShare: 0.36, wrapLogs: false };

/** Unknown or malformed values fall back one by one. */
export function readPreferences(stored: string | null): Preferences {
  let raw: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(stored ?? "{}");
    raw = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return defaults;
  }
  const { theme, live, nameShare, wrapLogs } = raw;
  return {
    theme: theme === "light" || theme === "dark" || theme === "system" ? theme : defaults.theme,
    live: typeof live === "boolean" ? live : defaults.live,
    nameShare:
      typeof nameShare === "number" && nameShare >= 0.15 && nameShare <= 0.7 ? nameShare : defaults.nameShare,
    wrapLogs: typeof wrapLogs === "boolean" ? wrapLogs : defaults.wrapLogs,
  };
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null; // storage is off in this browser
  }
}

let preferences: Store<Preferences> | undefined;
function preferencesStore(): Store<Preferences> {
  preferences ??= createStore(readPreferences(stored()));
  return preferences;
}

export function usePreferences(): Preferences {
  return useStore(preferencesStore());
}

export function currentPreferences(): Preferences {
  return preferencesStore().get();
}

export function setPreferences(change: Partial<Preferences>): void {
  const store = preferencesStore();
  store.set({ ...store.get(), ...change });
  try {
    localStorage.setItem(storageKey, JSON.stringify(store.get()));
  } catch {
    // Not remembered beyond this page.
  }
}
