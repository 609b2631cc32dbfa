import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { tracesQuery } from "../../client/queries.ts";
import { Button } from "../../design/controls.tsx";
import { Icon } from "../../design/icons.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

/** What the first-run page becomes: the first service is here, and where to see what it sent. */
export function Arrived(props: {
  readonly service: ServiceSummary;
  readonly onDone: () => void;
}): ReactElement {
  const { service, onDone } = props;
  const { name, spanCount, logCount } = service;
  const range = useTimeRange();
  const traces = useQuery({
    ...tracesQuery({ ...range, service: name, order: "newest", limit: 1 }),
    enabled: spanCount > 0,
  });
  const trace = traces.data?.items[0];
  return (
    <section className="arrived" aria-label="First telemetry">
      <p className="arrived-words" role="status">
        <Icon name="check" /> <strong>It works:</strong> the first telemetry is here, from {name}.
      </p>
      {trace === undefined ? null : (
        <PageLink page="trace" search={{ id: trace.traceId, span: trace.matchedSpanId }}>
          Open its trace
        </PageLink>
      )}
      {logCount === 0 ? null : (
        <PageLink page="logs" search={{ service: name }}>
          Its logs
        </PageLink>
      )}
      <PageLink page="service" search={{ name }}>
        All of {name}
      </PageLink>
      <span className="grow" />
      <Button kind="quiet" icon="close" label="Hide this note" onPress={onDone} />
    </section>
  );
}
