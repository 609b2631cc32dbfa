import { useMemo, type ReactElement } from "react";
import { Button, Dot } from "../../design/controls.tsx";
import { formatCount, formatDuration, plural } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import type { SpanColours } from "../../panels/waterfall/colours.ts";
import { skewWords } from "../../panels/waterfall/row.tsx";
import { worstSkew } from "../../panels/waterfall/skew.ts";
import { useAdjust } from "../../url/location.ts";
import type { WaterfallState } from "./use-waterfall.ts";

const mostWords = 10;

function usedColours(
  colours: SpanColours,
): readonly { readonly word: string; readonly code: number; readonly count: number }[] {
  const counts = new Uint32Array(colours.words.length);
  for (let i = 0; i < colours.codes.length; i++) counts[colours.codes[i]!]!++;
  return colours.words
    .map((word, code) => ({ word, code, count: counts[code]! }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
}

/** What the colours stand for. */
export function Legend(props: { readonly colours: SpanColours; readonly by: string }): ReactElement {
  const { colours, by } = props;
  const used = useMemo(() => usedColours(colours), [colours]);
  return (
    <ul className="trace-legend" aria-label={`Colours by ${by}`}>
      {used.slice(0, mostWords).map(({ word, code, count }) => (
        <li key={code}>
          <Dot colour={`var(${colours.tokens[code]!})`} />
          <span className="ellipsis" title={word}>
            {word}
          </span>
          <span className="faint number">{formatCount(count)}</span>
        </li>
      ))}
      {used.length > mostWords ? <li className="faint">and {used.length - mostWords} more values</li> : null}
    </ul>
  );
}

/** Says when spans cannot have happened as their clocks have it, and offers to set them right, or says that they were. */
export function SkewNote(props: {
  readonly waterfall: WaterfallState;
  readonly onShow: (index: number) => void;
}): ReactElement | null {
  const { tree, skew, moved } = props.waterfall;
  const adjust = useAdjust("trace");
  const worst = useMemo(() => worstSkew(moved ?? skew), [moved, skew]);
  if (worst === undefined) return null;
  const { skeleton } = tree;
  const service = skeleton.services[skeleton.service[worst.index]!]!;
  return (
    <p className="banner banner-warning skew-note">
      <Icon name="warning" size={14} />
      {moved === undefined ? (
        <span>
          {plural(worst.spans, "span")} cannot have happened as told: one of {service}{" "}
          {skewWords(skew[worst.index]!)}. Synchronise the clocks of their hosts; until then compare times
          within one service only.
        </span>
      ) : (
        <span>
          {plural(worst.spans, "span")} moved to where {worst.spans === 1 ? "it" : "they"} can have happened,
          those of {service} by {formatDuration(Math.abs(moved[worst.index]!))}: an estimate from the calls
          around them.
        </span>
      )}
      <Button kind="quiet" className="inline-button" onPress={() => props.onShow(worst.index)}>
        Show it
      </Button>
      <Button
        kind="quiet"
        className="inline-button"
        onPress={() => adjust({ clock: moved === undefined ? "adjusted" : "recorded" })}
      >
        {moved === undefined ? "Adjust clocks" : "As recorded"}
      </Button>
    </p>
  );
}
