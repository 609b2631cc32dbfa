import { useLayoutEffect, useRef } from "react";
import { isTyping } from "../panels/row-keys.ts";

/** Milliseconds within which the second key of a pair must follow. */
const pairMs = 1200;

/**
 * Listens on the document. `actions` by key, pairs as "g s", with Ctrl or Meta as "Mod k": only these work while typing, too. Keys typed
 * into fields, with Alt, or taken by a widget in focus are left alone.
 */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  useLayoutEffect(() => {
    latest.current = actions;
  });
  // Before the browser paints: no key is lost on a page that can be seen.
  useLayoutEffect(() => {
    let first: { key: string; atMs: number } | undefined;
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        const chord = event.shiftKey ? undefined : latest.current[`Mod ${event.key.toLowerCase()}`];
        if (chord === undefined) return;
        event.preventDefault();
        chord();
        return;
      }
      if (isTyping(event.target)) return;
      const now = performance.now();
      const pair = first !== undefined && now - first.atMs < pairMs ? `${first.key} ${event.key}` : undefined;
      const action = (pair === undefined ? undefined : latest.current[pair]) ?? latest.current[event.key];
      first = { key: event.key, atMs: now };
      if (action === undefined) return;
      event.preventDefault();
      action();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
