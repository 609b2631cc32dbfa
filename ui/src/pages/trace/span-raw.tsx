import { lazy, Suspense, useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SpanDetail } from "../../../../src/api/explore/wire.ts";
import { otlpQuery } from "../../client/span-queries.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { Answer, Loading } from "../../panels/states.tsx";
import { otlpAddress } from "./model.ts";

const ServiceMetrics = lazy(async () => ({
  default: (await import("./service-metrics.tsx")).ServiceMetrics,
}));

/** The span as OTLP, to read or to take elsewhere, and what its service measured around it. */
export function SpanRaw(props: { readonly span: SpanDetail }): ReactElement {
  const { span } = props;
  const [open, setOpen] = useState<"" | "otlp" | "metrics">("");
  const toggle = (which: "otlp" | "metrics"): void => setOpen(open === which ? "" : which);
  return (
    <section className="span-raw" aria-label="Raw span and metrics">
      <div className="span-raw-actions">
        <Button kind="quiet" icon={open === "metrics" ? "up" : "metrics"} onPress={() => toggle("metrics")}>
          Metrics around it
        </Button>
        <Button kind="quiet" icon={open === "otlp" ? "up" : "down"} onPress={() => toggle("otlp")}>
          OTLP JSON
        </Button>
        <CopyButton label="Copy span as JSON" text={() => JSON.stringify(span, null, 2)}>
          JSON
        </CopyButton>
        <CopyButton
          label="Copy curl for this span"
          text={() => `curl '${otlpAddress(document.baseURI, span.traceId, span.spanId)}'`}
        >
          curl
        </CopyButton>
      </div>
      {open === "otlp" ? <Raw span={span} /> : null}
      {open === "metrics" ? (
        <Suspense fallback={<Loading what="metrics" height={120} />}>
          <ServiceMetrics
            service={span.service}
            startUnixNano={span.startUnixNano}
            durationNano={span.durationNano}
          />
        </Suspense>
      ) : null}
    </section>
  );
}

const mostShown = 100_000;

function Raw(props: { readonly span: SpanDetail }): ReactElement {
  const otlp = useQuery(otlpQuery(props.span.traceId, props.span.spanId));
  return (
    <Answer query={otlp} what="OTLP">
      {(data) => {
        const text = JSON.stringify(data, null, 2);
        return (
          <div className="stack">
            <pre tabIndex={0} aria-label="OTLP JSON of the span">
              {text.slice(0, mostShown)}
              {text.length > mostShown
                ? `\n… ${(text.length - mostShown).toLocaleString("en-US")} characters more: copy to see all`
                : ""}
            </pre>
            <CopyButton label="Copy OTLP JSON" text={() => text} />
          </div>
        );
      }}
    </Answer>
  );
}
