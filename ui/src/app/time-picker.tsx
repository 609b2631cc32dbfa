import { useState, type ReactElement } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useNow } from "../client/now.ts";
import { Button } from "../design/controls.tsx";
import { formatClock, formatDayClock, formatDuration } from "../design/format.ts";
import { Icon } from "../design/icons.tsx";
import { useSetTimeRange, useTimeRange } from "../url/location.ts";
import {
  absoluteRange,
  presetLabel,
  presets,
  resolveRange,
  shiftRange,
  zoomOut,
  type TimeRange,
} from "../url/time.ts";

interface TimePickerProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** The one window of time of all pages. */
export function TimePicker(props: TimePickerProps): ReactElement {
  const { isOpen, onOpenChange } = props;
  const range = useTimeRange();
  const setRange = useSetTimeRange();
  function choose(next: TimeRange): void {
    onOpenChange(false);
    setRange(next);
  }
  return (
    <div className="time-picker">
      <Button
        kind="plain"
        icon="left"
        label="Earlier (<)"
        onPress={() => setRange(shiftRange(range, -1, Date.now()))}
      />
      <DialogTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
        <AriaButton className="button button-plain time-button">
          <Icon name="clock" />
          <span className="number">{rangeLabel(range)}</span>
          <Icon name="down" size={14} />
        </AriaButton>
        <Popover className="popover" offset={4} placement="bottom end">
          <Dialog className="time-dialog" aria-label="Window of time">
            <ul className="presets">
              {presets.map((preset) => (
                <li key={preset.from}>
                  <button
                    type="button"
                    className={
                      range.to === "now" && range.from === preset.from ? "preset is-chosen" : "preset"
                    }
                    aria-pressed={range.to === "now" && range.from === preset.from}
                    onClick={() => choose({ from: preset.from, to: "now" })}
                  >
                    {preset.label}
                  </button>
                </li>
              ))}
            </ul>
            <AbsoluteForm range={range} onChoose={choose} />
          </Dialog>
        </Popover>
      </DialogTrigger>
      <Button
        kind="plain"
        icon="right"
        label="Later (>)"
        onPress={() => setRange(shiftRange(range, 1, Date.now()))}
      />
      <Button
        kind="plain"
        icon="zoomOut"
        label="Zoom out (-)"
        onPress={() => setRange(zoomOut(range, Date.now()))}
      />
    </div>
  );
}

function rangeLabel(range: TimeRange): string {
  const preset = presetLabel(range);
  if (preset !== undefined) return preset;
  const { startMs, endMs } = resolveRange(range, Date.now());
  if (range.to === "now") return `Last ${formatDuration((endMs - startMs) * 1e6)}`;
  const sameDay = new Date(startMs).toDateString() === new Date(endMs).toDateString();
  return `${formatDayClock(startMs)} – ${sameDay ? formatClock(endMs) : formatDayClock(endMs)}`;
}

/** Local time as `datetime-local` takes it, to the second. */
function localText(ms: number): string {
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

function AbsoluteForm(props: {
  readonly range: TimeRange;
  readonly onChoose: (range: TimeRange) => void;
}): ReactElement {
  const now = useNow();
  const window = resolveRange(props.range, now);
  const [from, setFrom] = useState(() => localText(window.startMs));
  const [to, setTo] = useState(() => localText(window.endMs));
  const startMs = new Date(from).getTime();
  const endMs = new Date(to).getTime();
  const problem = !(startMs < endMs);
  return (
    <form
      className="absolute-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!problem) props.onChoose(absoluteRange({ startMs, endMs }));
      }}
    >
      <h3>From – to</h3>
      <label className="field">
        <span className="field-label">From</span>
        <input
          className="input number"
          type="datetime-local"
          step="1"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label className="field">
        <span className="field-label">To</span>
        <input
          className="input number"
          type="datetime-local"
          step="1"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      {problem ? <p className="error-text">The end must be after the start.</p> : null}
      <button type="submit" className="button button-primary" disabled={problem}>
        Use this window
      </button>
      <p className="faint">
        Times are in {new Intl.DateTimeFormat().resolvedOptions().timeZone}. Drag on any chart to zoom.
      </p>
    </form>
  );
}
