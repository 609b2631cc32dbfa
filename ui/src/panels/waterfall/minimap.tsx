import { useEffect, useRef, type ReactElement } from "react";
import { useTokens } from "../../client/theme.ts";
import { useDrag } from "../charts/use-drag.ts";
import { useSize } from "../charts/use-size.ts";
import { drawMinimap } from "./draw.ts";
import type { SpanColours } from "./colours.ts";
import type { Runs } from "./runs.ts";
import type { SpanTree } from "./tree.ts";
import type { View } from "./view.ts";

interface MinimapProps {
  readonly tree: SpanTree;
  /** Runs that are one row each; undefined: every sibling has its own. */
  readonly folded: Runs | undefined;
  readonly colours: SpanColours;
  readonly view: View;
  readonly onView: (view: View) => void;
}

const height = 52;

/** The whole trace at a glance; drag over a stretch to zoom the waterfall to it, double click for all. */
export function Minimap(props: MinimapProps): ReactElement {
  const { tree, folded, colours, view, onView } = props;
  const [ref, size] = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const tokens = useTokens();
  const { drag, handlers } = useDrag((span) =>
    onView({ from: (span.fromX / size.width) * tree.extent, to: (span.toX / size.width) * tree.extent }),
  );
  useEffect(() => {
    const target = canvas.current;
    if (target === null || size.width === 0) return undefined;
    // After the first paint of the rows: 100k bars take longer than a frame.
    const frame = requestAnimationFrame(() =>
      drawMinimap(target, { tree, folded, colours }, { width: size.width, height }, tokens),
    );
    return () => cancelAnimationFrame(frame);
  }, [tree, folded, colours, size.width, tokens]);
  const left = (view.from / tree.extent) * 100;
  const right = 100 - (view.to / tree.extent) * 100;
  return (
    <div
      ref={ref}
      className="minimap"
      style={{ height }}
      {...handlers}
      onDoubleClick={() => onView({ from: 0, to: tree.extent })}
      title="Drag to zoom, double click for the whole trace"
    >
      <canvas ref={canvas} style={{ width: "100%", height }} aria-hidden="true" />
      <div className="minimap-shade" style={{ left: 0, width: `${left}%` }} />
      <div className="minimap-shade" style={{ right: 0, width: `${right}%` }} />
      {drag === undefined ? null : (
        <div className="minimap-drag" style={{ left: drag.fromX, width: drag.toX - drag.fromX }} />
      )}
    </div>
  );
}
