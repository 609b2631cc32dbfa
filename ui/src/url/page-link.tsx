import type { ReactElement, ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import { pages, type PageName, type PageSearch } from "./pages.ts";
import { useTimeRange } from "./location.ts";

interface PageLinkProps<P extends PageName> {
  readonly page: P;
  readonly search?: Partial<PageSearch[P]>;
  readonly className?: string;
  readonly title?: string;
  readonly label?: string;
  readonly tabIndex?: number;
  readonly onClick?: () => void;
  readonly children: ReactNode;
}

/** A link to a page that keeps the window of time, unless `search` gives another. `label`: spoken name when the content is not text. */
export function PageLink<P extends PageName>(props: PageLinkProps<P>): ReactElement {
  const time = useTimeRange();
  const target = pages[props.page];
  const { className, title, label, tabIndex, onClick } = props;
  return (
    <Link
      to={target.path}
      search={target.codec.print({ ...time, ...props.search } as Partial<PageSearch[P]>)}
      activeOptions={{ exact: true, includeSearch: false }}
      {...(className === undefined ? {} : { className })}
      {...(title === undefined ? {} : { title })}
      {...(label === undefined ? {} : { "aria-label": label })}
      {...(tabIndex === undefined ? {} : { tabIndex })}
      {...(onClick === undefined ? {} : { onClick })}
    >
      {props.children}
    </Link>
  );
}
