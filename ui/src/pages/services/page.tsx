import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNow } from "../../client/now.ts";
import { servicesQuery, serviceSteps } from "../../client/queries.ts";
import { TextField } from "../../design/controls.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { useAfterPaint } from "../../panels/use-after-paint.ts";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { Operations } from "../../panels/services/operations.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { resolveRange } from "../../url/time.ts";
import { Arrived } from "./arrived.tsx";
import { Attention } from "./attention.tsx";
import { FirstRun } from "./first-run.tsx";
import { matchServices, sortServices, totalsOf } from "./model.ts";
import { ServiceTable } from "./service-table.tsx";
import { Figures } from "./figures.tsx";
import "./services.css";

export function ServicesPage(): ReactElement {
  const search = usePageSearch("services");
  const adjust = useAdjust("services");
  const range = useTimeRange();
  const now = useNow();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const painted = useAfterPaint(services.data !== undefined);
  const window = resolveRange(range, services.dataUpdatedAt || now);
  const windowMs = window.endMs - window.startMs;
  const isFirstRun = services.data?.empty?.code === "nothing-arrived";
  /** The first item was waited for on this page. */
  const [waited, setWaited] = useState(false);
  if (isFirstRun && !waited) setWaited(true);
  return (
    <div className="page">
      <PageHead title="Services">
        {isFirstRun ? null : (
          <>
            <span className="grow" />
            <TextField
              className="narrow"
              label="Find service"
              isSearch
              eager
              value={search.text}
              placeholder="Name, namespace, language"
              onCommit={(text) => adjust({ text })}
            />
          </>
        )}
      </PageHead>
      <Answer query={services} what="services" height={320}>
        {(page) => {
          if (isFirstRun) return <FirstRun />;
          if (page.items.length === 0) return <EmptyState reason={page.empty} what="services" />;
          const found = matchServices(page.items, search.text);
          return (
            <>
              {waited ? <Arrived service={page.items[0]!} onDone={() => setWaited(false)} /> : null}
              <Figures totals={totalsOf(page.items, windowMs)} />
              {found.length === 0 ? (
                <EmptyState
                  reason={{
                    code: "filtered-out",
                    message: `No service matches "${search.text}"`,
                    hint: "Change or clear the text above.",
                  }}
                  what="services"
                />
              ) : (
                <ServiceTable
                  services={sortServices(found, search.sort)}
                  windowMs={windowMs}
                  nowMs={services.dataUpdatedAt}
                  sort={search.sort}
                  onSort={(sort) => adjust({ sort })}
                />
              )}
              {page.truncated ? (
                <CutNote>Showing the first {page.items.length} services; there are more.</CutNote>
              ) : null}
              {painted ? (
                <>
                  <Attention services={page.items} windowMs={windowMs} nowMs={services.dataUpdatedAt} />
                  <Operations service="" windowMs={windowMs} />
                </>
              ) : null}
            </>
          );
        }}
      </Answer>
    </div>
  );
}
