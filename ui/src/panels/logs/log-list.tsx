import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
} from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { StoredLog } from "../../../../src/api/explore/wire.ts";
import { nextRow } from "../row-keys.ts";
import { useRowFocus } from "../use-row-focus.ts";
import { LogRow, type LogColumns } from "./log-row.tsx";
import { logKeys } from "./keys.ts";
import { useFollow, type Follow } from "./use-follow.ts";
import { useStillness } from "./use-stillness.ts";

interface LogListProps {
  readonly records: readonly StoredLog[];
  /** Within a trace the link to it and the day are left out. */
  readonly inTrace?: boolean;
  readonly wrap: boolean;
  readonly words: readonly string[];
  readonly columns?: LogColumns;
  /** Lines that each record stands for, by its place; one each when absent. */
  readonly counts?: readonly number[];
  readonly onFilter?: (filter: string) => void;
  readonly onEndReached?: () => void;
  readonly onSpan?: (spanId: string) => void;
  /** Stays at the end while rows come. */
  readonly follow?: Follow;
}

/** Log records, windowed; a row opens to all that is known of the record. */
export function LogList(props: LogListProps): ReactElement {
  const { records, onEndReached, follow } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const keys = useMemo(() => logKeys(records), [records]);
  // The same function while the records are the same: with a new one all rows are measured anew.
  const keyAt = useCallback((index: number) => keys[index] ?? index, [keys]);
  // oxlint-disable-next-line react/incompatible-library -- no React Compiler here, and its functions go to no memoised child
  const virtual = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 12,
    // A record keeps its measured height when newer ones push it down.
    getItemKey: keyAt,
  });
  const items = virtual.getVirtualItems();
  const onScroll = useFollow(scroller, follow, virtual.getTotalSize(), records);
  useStillness(scroller, virtual, keys, open, follow?.following === true);
  const lastShown = items.at(-1)?.index ?? 0;
  const atEnd = records.length > 0 && lastShown >= records.length - 20;
  useEffect(() => {
    if (atEnd) onEndReached?.();
  }, [atEnd, onEndReached, records.length]);

  const focus = useRowFocus(scroller, (box, row) => box.querySelector(`[data-index="${row}"] .log-line`));
  function toggle(key: string): void {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }
  function focusRow(index: number): void {
    setActive(index);
    virtual.scrollToIndex(index);
    focus(index);
  }
  function onKeyDown(event: KeyboardEvent): void {
    // Only from a row itself: inside an open record the keys belong to its buttons and text.
    if (!(event.target as HTMLElement).classList.contains("log-line") || event.ctrlKey || event.metaKey)
      return;
    const row = nextRow(event.key, active, records.length, 15);
    if (row === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    focusRow(row);
  }

  return (
    <div
      ref={scroller}
      className="log-list"
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      role="list"
      aria-label="Log records"
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
        {items.map((item) => {
          const record = records[item.index]!;
          const key = keys[item.index]!;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="log-place"
              style={{ transform: `translateY(${item.start}px)` }}
              role="listitem"
              aria-posinset={item.index + 1}
              aria-setsize={records.length}
            >
              <LogRow
                record={record}
                isOpen={open.has(key)}
                isActive={item.index === active}
                inTrace={props.inTrace === true}
                wrap={props.wrap}
                words={props.words}
                columns={props.columns}
                count={props.counts?.[item.index] ?? 1}
                onToggle={() => {
                  setActive(item.index);
                  // Who opens a record reads it: it must not run away.
                  if (follow?.following === true) follow.onFollow(false);
                  toggle(key);
                }}
                {...(props.onFilter === undefined ? {} : { onFilter: props.onFilter })}
                {...(props.onSpan === undefined ? {} : { onSpan: props.onSpan })}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
