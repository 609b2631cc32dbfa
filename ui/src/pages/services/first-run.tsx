import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { sendersQuery } from "../../client/queries.ts";
import { useLiveState } from "../../client/live.ts";
import { useTenancy } from "../../client/tenant.ts";
import { CopyButton, Segments } from "../../design/controls.tsx";
import { Answer } from "../../panels/states.tsx";
import { snippets } from "./snippets.ts";

/** Nothing has ever arrived: how to send, with this server's addresses. Becomes the table by itself when the first item is here. */
export function FirstRun(): ReactElement {
  const senders = useQuery(sendersQuery());
  const live = useLiveState();
  const { tenant } = useTenancy();
  const [chosen, setChosen] = useState("run");
  return (
    <Answer query={senders} what="addresses">
      {({ endpoints }) => {
        const all = snippets(endpoints, tenant);
        const snippet = all.find((entry) => entry.id === chosen) ?? all[0]!;
        return (
          <div className="first-run card">
            <h2>Send the first telemetry</h2>
            <p className="soft">
              Traces, metrics and logs arrive by OTLP at <code>{endpoints.http}</code> and{" "}
              <code>{endpoints.grpc}</code>; both take gRPC and HTTP.
            </p>
            <Segments label="How to send" value={snippet.id} choices={all} onChange={setChosen} />
            <p className="soft">{snippet.note}</p>
            <div className="snippet">
              <pre tabIndex={0} aria-label={`Commands for ${snippet.name}`}>
                {snippet.code}
              </pre>
              <CopyButton label="Copy commands" kind="plain" text={() => snippet.code} />
            </div>
            <p className="first-run-wait" role="status">
              <span className={live === "on" ? "pulse" : "pulse is-off"} aria-hidden="true" />
              {live === "on"
                ? "Waiting for the first item; this page changes by itself."
                : "Turn Live on to see the first item as it arrives."}
            </p>
          </div>
        );
      }}
    </Answer>
  );
}
