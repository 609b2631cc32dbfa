import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { operationsQuery, sendersQuery, serviceSteps } from "../../client/queries.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { Icon } from "../../design/icons.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { findingsOf, type Finding } from "./findings.ts";

const firstShown = 5;
const kindWords: Readonly<Record<Finding["kind"], string>> = {
  wrong: "Wrong",
  changed: "Changed",
  missing: "Missing",
};

/** What deserves a look, worst first, each with its way there or its fix; or that nothing does. */
export function Attention(props: {
  readonly services: readonly ServiceSummary[];
  readonly windowMs: number;
  readonly nowMs: number;
}): ReactElement | null {
  const range = useTimeRange();
  const [all, setAll] = useState(false);
  const operations = useQuery(operationsQuery({ ...range, service: "", steps: serviceSteps }));
  const senders = useQuery(sendersQuery());
  const findings = findingsOf(
    props.services,
    operations.data?.items ?? [],
    senders.data?.senders ?? [],
    props.windowMs,
    props.nowMs,
  );
  if (operations.data === undefined || senders.data === undefined) return null;
  if (findings.length === 0) {
    return (
      <p className="attention-none soft">
        <Icon name="check" size={14} /> Nothing wrong: no service fails more than before or often, no route is
        slow, every sender is well set up.
      </p>
    );
  }
  return (
    <section className="attention" aria-label="What deserves a look">
      <h2>What deserves a look</h2>
      <ul className="card findings">
        {findings.slice(0, all ? undefined : firstShown).map((finding) => (
          <li key={`${finding.service} ${finding.message}`} className={`finding finding-${finding.kind}`}>
            <span className="finding-kind">
              <Icon name={finding.kind === "wrong" ? "warning" : "help"} size={14} />
              {kindWords[finding.kind]}
            </span>
            <span className="finding-words">
              <ServiceName name={finding.service} strong /> {finding.message}
            </span>
            {finding.fix === "" ? null : (
              <span className="fix">
                <code>{finding.fix}</code>
                <CopyButton label={`Copy ${finding.fix}`} text={() => finding.fix} />
              </span>
            )}
            <Look finding={finding} />
          </li>
        ))}
      </ul>
      {findings.length > firstShown ? (
        <Button kind="quiet" onPress={() => setAll(!all)}>
          {all ? `Show the first ${firstShown}` : `Show all ${findings.length}`}
        </Button>
      ) : null}
    </section>
  );
}

function Look(props: { readonly finding: Finding }): ReactElement {
  const { service, operation, look } = props.finding;
  const label = (what: string): string => `${what} (${service === "" ? "unknown sender" : service})`;
  switch (look) {
    case "errors":
      return (
        <PageLink page="traces" search={{ service, status: "Error" }} label={label("Failed traces")}>
          Failed traces
        </PageLink>
      );
    case "operation":
      return (
        <PageLink
          page="traces"
          search={{ service, operation, order: "slowest" }}
          label={label(`Slowest traces of ${operation}`)}
        >
          Slowest traces
        </PageLink>
      );
    case "senders":
      return (
        <PageLink page="senders" label={label("Senders")}>
          Senders
        </PageLink>
      );
    case "service":
      return (
        <PageLink page="service" search={{ name: service }} label={label("Service")}>
          Service
        </PageLink>
      );
  }
}
