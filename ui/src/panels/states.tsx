/** What stands where data would: loading, empty with its reason, failed with the server's words, cut lists. */
import { useEffect, useState, type ReactElement, type ReactNode } from "react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { EmptyReason } from "../../../src/api/explore/wire.ts";
import { ApiError } from "../client/http.ts";
import { Button } from "../design/controls.tsx";
import { formatDayClock } from "../design/format.ts";
import { Icon } from "../design/icons.tsx";
import { useSetTimeRange } from "../url/location.ts";
import { absoluteRange } from "../url/time.ts";

/** Says why, and offers the way out that the reason names. */
export function EmptyState(props: {
  readonly reason: EmptyReason | undefined;
  readonly what: string;
  readonly onSuggestion?: (suggestion: string) => void;
  readonly children?: ReactNode;
}): ReactElement {
  const { reason, what, onSuggestion, children } = props;
  const setRange = useSetTimeRange();
  const nearest = reason?.nearest;
  return (
    <div className="state" role="status">
      <h2>{reason?.message ?? `No ${what} in this window`}</h2>
      <p className="soft">{reason?.hint ?? "Widen the window of time or remove a filter."}</p>
      {nearest === undefined ? null : (
        <Button
          icon="clock"
          onPress={() =>
            setRange(absoluteRange({ startMs: nearest.startMs - 30_000, endMs: nearest.endMs + 30_000 }))
          }
        >
          Go to {formatDayClock(nearest.startMs)} – {formatDayClock(nearest.endMs)}
        </Button>
      )}
      {reason?.suggestions === undefined || onSuggestion === undefined ? null : (
        <div className="state-choices">
          <span className="faint">Did you mean</span>
          {reason.suggestions.map((suggestion) => (
            <Button key={suggestion} onPress={() => onSuggestion(suggestion)}>
              {suggestion}
            </Button>
          ))}
        </div>
      )}
      {children}
    </div>
  );
}

function ErrorState(props: { readonly error: Error; readonly onRetry?: () => void }): ReactElement {
  const { error, onRetry } = props;
  const hint = error instanceof ApiError ? error.hint : "";
  return (
    <div className="state state-error" role="alert">
      <span className="error-text">
        <Icon name="error" size={20} />
      </span>
      <h2>{error.message}</h2>
      {hint === "" ? null : <p className="soft">{hint}</p>}
      {error instanceof ApiError ? <code className="faint">{error.code}</code> : null}
      {onRetry === undefined ? null : <Button onPress={onRetry}>Ask again</Button>}
    </div>
  );
}

/** True from `delayMs` after `active` became true: quick answers show no progress at all. */
export function useDelayed(active: boolean, delayMs = 300): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setTimeout(() => setLate(true), delayMs);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [active, delayMs]);
  return active && late;
}

export function Loading(props: { readonly what: string; readonly height?: number }): ReactElement {
  const late = useDelayed(true);
  return (
    <div className="state" style={{ minHeight: props.height }} role="status">
      {late ? (
        <>
          <span className="spinner" aria-hidden="true" />
          <span className="faint">Loading {props.what}</span>
        </>
      ) : null}
    </div>
  );
}

/** "Showing 100 slowest; there are more", with the way to them. */
export function CutNote(props: { readonly children: ReactNode; readonly onMore?: () => void }): ReactElement {
  return (
    <div className="cut-note" role="status">
      <span>{props.children}</span>
      {props.onMore === undefined ? null : (
        <Button kind="quiet" onPress={props.onMore}>
          Show more
        </Button>
      )}
    </div>
  );
}

interface Answered<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly isPlaceholderData: boolean;
}

/** What failed on this page failed for one reason most of the time: all of it is asked again. */
function retryFailed(client: QueryClient): void {
  void client.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" });
}

/** The answer of a query, or what stands in its place. An older answer stays, dimmed, until the new one is here. */
export function Answer<T>(props: {
  readonly query: Answered<T>;
  readonly what: string;
  readonly height?: number;
  /** Takes the rest of a page that does not scroll. */
  readonly fill?: boolean;
  readonly children: (data: T) => ReactNode;
}): ReactElement {
  const { query, what, height, children } = props;
  const client = useQueryClient();
  const stale = useDelayed(query.isPlaceholderData);
  if (query.error !== null && (query.data === undefined || query.isPlaceholderData)) {
    return <ErrorState error={query.error} onRetry={() => retryFailed(client)} />;
  }
  if (query.data === undefined) return <Loading what={what} {...(height === undefined ? {} : { height })} />;
  return (
    <div
      className={`answer${stale ? " answer-stale" : ""}${props.fill === true ? " answer-fill" : ""}`}
      aria-busy={query.isPlaceholderData}
    >
      {query.error === null ? null : (
        <p className="banner banner-error" role="alert">
          <Icon name="error" size={14} /> {query.error.message}; this is the last answer.
        </p>
      )}
      {children(query.data)}
    </div>
  );
}
