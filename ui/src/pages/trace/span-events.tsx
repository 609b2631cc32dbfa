import { useState, type ReactElement } from "react";
import type { SpanDetail, StoredEvent, StoredLink } from "../../../../src/api/explore/wire.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { formatDuration } from "../../design/format.ts";
import { AttributeTable } from "../../panels/attribute-table.tsx";
import { PageLink } from "../../url/page-link.tsx";
import { eventOffset, exceptionOf } from "./model.ts";

const firstEvents = 20;

/** The span's events in time, exceptions with their stack. */
export function SpanEvents(props: { readonly span: SpanDetail }): ReactElement | null {
  const { span } = props;
  const [all, setAll] = useState(false);
  if (span.events.length === 0) return null;
  return (
    <section className="attributes">
      <h3>
        Events <span className="faint number">{span.events.length}</span>
      </h3>
      {span.events.slice(0, all ? undefined : firstEvents).map((event, i) => (
        <EventView key={i} event={event} offset={eventOffset(span, event.timeUnixNano)} />
      ))}
      {span.events.length > firstEvents && !all ? (
        <Button kind="quiet" onPress={() => setAll(true)}>
          Show all {span.events.length} events
        </Button>
      ) : null}
    </section>
  );
}

function EventView(props: { readonly event: StoredEvent; readonly offset: number }): ReactElement {
  const { event, offset } = props;
  const exception = exceptionOf(event.attributes);
  const rest = event.attributes.filter(
    (attribute) => exception === undefined || !attribute.key.startsWith("exception."),
  );
  return (
    <div className={exception === undefined ? "event" : "event event-exception"}>
      <div className="event-head">
        <strong className="break">
          {exception === undefined ? event.name : exception.type || "exception"}
        </strong>
        <span className="faint number">at {formatDuration(offset)}</span>
      </div>
      {exception === undefined ? null : (
        <>
          <p className="break">{exception.message}</p>
          {exception.stacktrace === "" ? null : (
            <div className="stack">
              <pre tabIndex={0} aria-label="Stack trace">
                {exception.stacktrace}
              </pre>
              <CopyButton label="Copy stack trace" text={() => exception.stacktrace} />
            </div>
          )}
        </>
      )}
      <AttributeTable title="Event" attributes={rest} />
    </div>
  );
}

export function SpanLinks(props: { readonly links: readonly StoredLink[] }): ReactElement | null {
  const { links } = props;
  if (links.length === 0) return null;
  return (
    <section className="attributes">
      <h3>
        Links <span className="faint number">{links.length}</span>
      </h3>
      {links.map((link, i) => (
        <div key={i} className="event">
          <PageLink page="trace" search={{ id: link.traceId, span: link.spanId }}>
            <code className="break">{link.traceId}</code>
          </PageLink>
          <AttributeTable title="Link" attributes={link.attributes} />
        </div>
      ))}
    </section>
  );
}
