import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { linkingSpansQuery, spansQuery } from "../../client/span-queries.ts";
import { formatDayClock, formatDuration, nanoToMs } from "../../design/format.ts";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer, CutNote } from "../../panels/states.tsx";
import { spanFlags, type SpanTree } from "../../panels/waterfall/tree.ts";
import { PageLink } from "../../url/page-link.tsx";

const mostSpans = 200;

/** The traces that this one links to, and those that link to it. */
export function Linked(props: { readonly tree: SpanTree }): ReactElement {
  const { tree } = props;
  return (
    <div className="linked">
      <section aria-label="Links to other spans">
        <h2>Links to</h2>
        <Outgoing tree={tree} />
      </section>
      <section aria-label="Linked from">
        <h2>Linked from</h2>
        <Incoming tree={tree} />
      </section>
    </div>
  );
}

function Outgoing(props: { readonly tree: SpanTree }): ReactElement {
  const { tree } = props;
  const { skeleton } = tree;
  const having = skeleton.spanIds.filter((_, i) => (skeleton.flags[i]! & spanFlags.links) !== 0);
  const spans = useQuery({
    ...spansQuery(skeleton.traceId, having.slice(0, mostSpans)),
    enabled: having.length > 0,
  });
  if (having.length === 0) {
    return (
      <p className="soft">
        No span of this trace has a link. Links are set by programs that join work of several traces, such as
        batches of messages.
      </p>
    );
  }
  return (
    <Answer query={spans} what="links">
      {(details) => (
        <>
          <ul className="linked-list">
            {details.flatMap((span) =>
              span.links.map((link, i) => (
                <li key={`${span.spanId} ${i}`}>
                  <ServiceName name={span.service} />
                  <PageLink page="trace" search={{ id: skeleton.traceId, span: span.spanId }}>
                    {span.name}
                  </PageLink>
                  <span className="faint">to</span>
                  <PageLink page="trace" search={{ id: link.traceId, span: link.spanId }}>
                    <code>
                      {link.traceId === skeleton.traceId ? `this trace, ${link.spanId}` : link.traceId}
                    </code>
                  </PageLink>
                  {link.attributes.map((attribute) => (
                    <span key={attribute.key} className="mono faint ellipsis">
                      {attribute.key}={attribute.value}
                    </span>
                  ))}
                </li>
              )),
            )}
          </ul>
          {having.length > mostSpans ? (
            <CutNote>
              Showing the links of {mostSpans} of {having.length} spans that have some.
            </CutNote>
          ) : null}
        </>
      )}
    </Answer>
  );
}

function Incoming(props: { readonly tree: SpanTree }): ReactElement {
  const { skeleton } = props.tree;
  const linking = useQuery(linkingSpansQuery(skeleton.traceId));
  return (
    <Answer query={linking} what="links to this trace">
      {(page) =>
        page.items.length === 0 ? (
          <p className="soft">No span of another trace links to this one, a day before to a day after it.</p>
        ) : (
          <>
            <ul className="linked-list">
              {page.items.map((span) => (
                <li key={`${span.traceId} ${span.spanId}`}>
                  <ServiceName name={span.service} />
                  <PageLink page="trace" search={{ id: span.traceId, span: span.spanId }}>
                    {span.name}
                  </PageLink>
                  <span className="number soft">{formatDuration(span.durationNano)}</span>
                  <span className="number faint">{formatDayClock(nanoToMs(span.startUnixNano), true)}</span>
                </li>
              ))}
            </ul>
            {page.truncated ? (
              <CutNote>Showing the earliest {page.items.length}; there are more.</CutNote>
            ) : null}
          </>
        )
      }
    </Answer>
  );
}
