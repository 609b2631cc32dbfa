import { OtelierError } from "../../../base/error.ts";
import type { TimeWindow } from "../../window.ts";

/** Throws "bad-window" unless the window begins before it ends. */
export function checkWindow(window: TimeWindow): void {
  if (Number.isFinite(window.startMs) && Number.isFinite(window.endMs) && window.startMs < window.endMs)
    return;
  throw new OtelierError(
    `cannot read this window: its start (${window.startMs}) must be a time before its end (${window.endMs})`,
    { code: "bad-window", outcome: "permanent" },
  );
}
