import { useEffect, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { createStore, useStore, type Store } from "../client/store.ts";

const slot: Store<HTMLElement | null> = createStore<HTMLElement | null>(null);

/** Where the shell wants the heads of pages: the left of its bar. */
export function PageHeadSlot(): ReactElement {
  return <div className="page-head-slot" ref={(element) => slot.set(element)} />;
}

/** Title of a page with what stands beside it, in the shell's bar; also the document's title. */
export function PageHead(props: {
  readonly title: string;
  /** Beside the title: counts, switches. */
  readonly children?: ReactNode;
}): ReactElement | null {
  const { title, children } = props;
  const place = useStore(slot);
  useEffect(() => {
    document.title = `${title} · Otelier`;
  }, [title]);
  if (place === null) return null;
  return createPortal(
    <div className="page-head">
      <h1 title={title}>{title}</h1>
      {children}
    </div>,
    place,
  );
}
