import { useMemo, type ReactElement } from "react";
import type { LogVolume } from "../../../../src/api/explore/wire.ts";
import { formatCount } from "../../design/format.ts";
import { StackedBars } from "../charts/stacked-bars.tsx";

interface VolumeProps {
  readonly volume: LogVolume;
  readonly chosen: string;
  readonly onZoom: (startMs: number, endMs: number) => void;
  readonly onSeverity: (severity: string) => void;
}

/** Records over time by severity; the legend sets the least severity. */
export function Volume(props: VolumeProps): ReactElement {
  const { volume, chosen, onZoom, onSeverity } = props;
  const series = useMemo(
    () =>
      volume.classes
        .filter((entry) => entry.counts.some((count) => count > 0))
        .map((entry) => ({
          name: entry.severity,
          colour: `var(--severity-${entry.severity})`,
          counts: entry.counts,
        })),
    [volume],
  );
  const shown =
    series.length > 0
      ? series
      : volume.classes
          .slice(0, 1)
          .map((entry) => ({ name: entry.severity, colour: "none", counts: entry.counts }));
  return (
    <div className="card volume">
      <div className="legend">
        {series.map((entry) => (
          <button
            key={entry.name}
            type="button"
            className={`legend-item${chosen === entry.name ? " is-chosen" : ""}`}
            aria-pressed={chosen === entry.name}
            title={entry.name === "unspecified" ? "Records without severity" : `Only ${entry.name} and worse`}
            disabled={entry.name === "unspecified"}
            onClick={() => onSeverity(chosen === entry.name ? "" : entry.name)}
          >
            <span className="dot" style={{ background: entry.colour }} />
            {entry.name}
            <span className="number faint">
              {formatCount(entry.counts.reduce((sum, count) => sum + count, 0))}
            </span>
          </button>
        ))}
      </div>
      <StackedBars
        title="Log records by severity"
        startMs={volume.startMs}
        stepMs={volume.stepMs}
        series={shown}
        height={120}
        onZoom={onZoom}
      />
    </div>
  );
}
