/**
 * Server push: "visible" events say that new data can be read; the queries that could show it are asked again, at most once in
 * `throttleMs`, and only those on screen. Without the connection the browser tries again by itself.
 */
import type { QueryClient, Query } from "@tanstack/react-query";
import type { VisibleEvent } from "../../../src/api/explore/wire.ts";
import { createStore, useStore, type Store } from "./store.ts";

export type LiveState = "off" | "connecting" | "on" | "lost";
export type LiveTopic = VisibleEvent["signals"][number] | "senders";

const throttleMs = 2000;
const state: Store<LiveState> = createStore<LiveState>("off");

export function useLiveState(): LiveState {
  return useStore(state);
}

/** What a query says about itself in `meta`. */
export interface LiveMeta extends Record<string, unknown> {
  /** Empty or absent: its answer cannot change (an absolute window). */
  readonly topics?: readonly LiveTopic[];
  /** Not asked again sooner after its last answer, milliseconds. */
  readonly leastMs?: number;
  /** Asked just before a refresh; false leaves the answer alone. */
  readonly mayRefresh?: (data: unknown) => boolean;
}

type Verdict = "unconcerned" | "now" | "later";

/** Whether news of `topics` make a query's answer stale, and whether it may be asked again at once. Exported for its test. */
export function judge(
  query: Pick<Query, "meta" | "state">,
  topics: ReadonlySet<LiveTopic>,
  nowMs: number,
): Verdict {
  const meta: LiveMeta | undefined = query.meta;
  if (meta?.topics === undefined || !meta.topics.some((topic) => topics.has(topic))) return "unconcerned";
  // A slow query is not started again while it runs: it would never end.
  if (query.state.fetchStatus === "fetching") return "later";
  // "Nothing yet" is cheap to ask and the first item is waited for.
  const isEmpty = (query.state.data as { empty?: unknown } | undefined)?.empty !== undefined;
  if (!isEmpty && nowMs - query.state.dataUpdatedAt < (meta.leastMs ?? 0)) return "later";
  return meta.mayRefresh === undefined || meta.mayRefresh(query.state.data) ? "now" : "unconcerned";
}

/** Opens the connection; returns the way to close it. */
export function startLive(client: QueryClient): () => void {
  state.set("connecting");
  const source = new EventSource("api/live");
  const pending = new Set<LiveTopic>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = 0;

  function refresh(): void {
    timer = undefined;
    if (document.hidden) return; // asked again by visibilitychange
    lastMs = performance.now();
    const topics = new Set(pending);
    const nowMs = Date.now();
    pending.clear();
    const active = client.getQueryCache().findAll({ type: "active" });
    // What must wait is not forgotten: its topics come up again.
    if (active.some((query) => judge(query, topics, nowMs) === "later")) schedule([...topics]);
    void client.invalidateQueries(
      { predicate: (query) => judge(query, topics, nowMs) === "now", refetchType: "active" },
      { cancelRefetch: false },
    );
  }
  function schedule(topics: readonly LiveTopic[]): void {
    for (const topic of topics) pending.add(topic);
    timer ??= setTimeout(refresh, Math.max(0, lastMs + throttleMs - performance.now()));
  }
  function onVisibility(): void {
    if (!document.hidden && pending.size > 0) schedule([]);
  }

  source.addEventListener("open", () => {
    // What arrived while the connection was lost is asked for as well.
    if (state.get() === "lost") schedule(["traces", "metrics", "logs", "senders"]);
    state.set("on");
  });
  source.addEventListener("error", () => state.set("lost"));
  source.addEventListener("visible", (event) => {
    schedule((JSON.parse(String(event.data)) as VisibleEvent).signals);
  });
  source.addEventListener("senders", () => schedule(["senders"]));
  document.addEventListener("visibilitychange", onVisibility);
  // A window that ends now slides even when nothing arrives.
  const slide = setInterval(() => schedule(["traces", "metrics", "logs", "senders"]), 30_000);
  return () => {
    source.close();
    clearTimeout(timer);
    clearInterval(slide);
    document.removeEventListener("visibilitychange", onVisibility);
    state.set("off");
  };
}
