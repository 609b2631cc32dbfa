import type { ReactElement } from "react";
import { ToggleButton, Tooltip, TooltipTrigger } from "react-aria-components";
import { useLiveState, type LiveState } from "../client/live.ts";
import { setPreferences, usePreferences } from "../client/preferences.ts";
import { useTimeRange } from "../url/location.ts";
import { isMoving } from "../url/time.ts";

const words: Readonly<Record<LiveState, string>> = {
  on: "New data shows as it arrives",
  off: "Off: the page shows what it loaded",
  connecting: "Connecting to the server",
  lost: "The connection is lost; trying again",
};

/** Follow new data, and whether the connection for it stands. */
export function LiveSwitch(): ReactElement {
  const { live } = usePreferences();
  const state = useLiveState();
  const range = useTimeRange();
  const fixed = !isMoving(range);
  const note = live && fixed ? "The window is absolute: nothing new falls into it" : words[state];
  return (
    <TooltipTrigger delay={400}>
      <ToggleButton
        className="button button-plain live"
        isSelected={live}
        onChange={(chosen) => setPreferences({ live: chosen })}
      >
        <span
          className={`pulse ${live && state === "on" && !fixed ? "" : "is-off"} ${state === "lost" ? "is-lost" : ""}`}
          aria-hidden="true"
        />
        {state === "lost" ? "Lost" : "Live"}
      </ToggleButton>
      <Tooltip className="tooltip" offset={6}>
        {note}
      </Tooltip>
    </TooltipTrigger>
  );
}
