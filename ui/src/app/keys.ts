/** Every key that does something, once: the shell acts on its own rows, pages and panels on theirs, and `?` shows all. */
import type { PageName } from "../url/pages.ts";
import { places } from "./places.ts";

export interface KeyRow {
  /** As shown; "g s" is pressed one after the other. */
  readonly keys: readonly string[];
  readonly does: string;
}

export interface KeyGroup {
  readonly where: string;
  readonly rows: readonly KeyRow[];
}

/** Second key after "g". */
export const pageKeys: Readonly<Record<string, PageName>> = Object.fromEntries(
  places.map(({ key, page }) => [key, page]),
);

export const keyTable: readonly KeyGroup[] = [
  {
    where: "Everywhere",
    rows: [
      { keys: ["Ctrl K", "⌘ K"], does: "Find anything: pages, services, metrics, traces by id" },
      ...places.map(({ key, name }) => ({ keys: [`g ${key}`], does: name })),
      { keys: ["/"], does: "Search on this page" },
      { keys: ["t"], does: "Choose the window of time" },
      { keys: ["v"], does: "Saved views" },
      { keys: ["-"], does: "Zoom out, twice the time" },
      { keys: ["<", ">"], does: "Earlier, later" },
      { keys: ["."], does: "Live on or off" },
      { keys: ["y"], does: "Copy a link with absolute times" },
      { keys: ["?"], does: "These keys" },
    ],
  },
  {
    where: "Lists",
    rows: [
      { keys: ["j", "↓"], does: "Next row" },
      { keys: ["k", "↑"], does: "Previous row" },
      { keys: ["Home", "End"], does: "First, last row" },
      { keys: ["Enter"], does: "Open the row" },
    ],
  },
  {
    where: "Charts",
    rows: [
      { keys: ["Tab"], does: "To the next chart" },
      { keys: ["←", "→", "↑", "↓"], does: "Move over its steps and lines" },
      { keys: ["Shift ←", "Shift →"], does: "Select several steps" },
      { keys: ["Enter"], does: "A typical trace of the step; zoom to a selection" },
      { keys: ["Esc"], does: "Let go" },
    ],
  },
  {
    where: "Trace",
    rows: [
      { keys: ["→", "←"], does: "Expand, collapse; to child, to parent" },
      { keys: ["Enter"], does: "Details of the span" },
      { keys: ["n", "N"], does: "Next, previous match" },
      { keys: ["e", "E"], does: "Next, previous error" },
      { keys: ["[", "]"], does: "Collapse all, expand all" },
      { keys: ["f"], does: "Fold or unfold alike siblings" },
      { keys: ["F"], does: "All runs of alike siblings as one row each, or not" },
      { keys: ["c"], does: "Critical path on or off" },
      { keys: ["+", "-"], does: "Zoom in, out" },
      { keys: ["z"], does: "Zoom to the span" },
      { keys: ["a", "d"], does: "Move left, right" },
      { keys: ["0"], does: "Whole trace" },
      { keys: ["Esc"], does: "Close the details" },
    ],
  },
];
