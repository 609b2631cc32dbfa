import { useEffect, type ReactElement, type ReactNode } from "react";

/** Title of a page with what stands beside it; also the document's title. */
export function PageHead(props: {
  readonly title: string;
  /** Beside the title: counts, switches. */
  readonly children?: ReactNode;
}): ReactElement {
  const { title, children } = props;
  useEffect(() => {
    document.title = `${title} · Otelier`;
  }, [title]);
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {children}
    </div>
  );
}
