import { useQuery } from "@tanstack/react-query";
import {
  metricsQuery,
  operationsQuery,
  servicesQuery,
  serviceSteps,
  viewsQuery,
} from "../../client/queries.ts";
import { setPreferences, usePreferences } from "../../client/preferences.ts";
import { askForTenant, isOwnChoice, useTenancy } from "../../client/tenant.ts";
import { chooseTheme } from "../../client/theme.ts";
import { linkToShare, useGo, useOpenAddress, useSetTimeRange, useTimeRange } from "../../url/location.ts";
import { presets, shiftRange, zoomOut } from "../../url/time.ts";
import { places } from "../places.ts";
import { traceIdIn, type Command } from "./match.ts";

/** The clock when the command runs, not when it is listed. */
const clock = (): number => Date.now();

const command = (group: Command["group"], name: string, note: string, run: () => void): Command => ({
  id: `${group} ${name} ${note}`,
  group,
  name,
  note,
  run,
});

/** Everything that can be gone to or done, of the window shown. `text`: a trace id in it becomes a command. */
export function useCommands(text: string, onHelp: () => void): readonly Command[] {
  const go = useGo();
  const range = useTimeRange();
  const setRange = useSetTimeRange();
  const { live } = usePreferences();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const metrics = useQuery(metricsQuery({ ...range, service: "" }));
  const operations = useQuery(operationsQuery({ ...range, service: "", steps: serviceSteps }));
  const views = useQuery(viewsQuery());
  const open = useOpenAddress();
  const { tenant } = useTenancy();
  const traceId = traceIdIn(text);
  return [
    ...(traceId === undefined
      ? []
      : [command("Page", `Trace ${traceId}`, text, () => go("trace", { id: traceId }))]),
    ...places.map((place) => command("Page", place.name, `g ${place.key}`, () => go(place.page, {}))),
    ...(views.data?.views ?? []).map((view) => command("View", view.name, "saved", () => open(view.address))),
    ...(services.data?.items ?? []).map((service) =>
      command("Service", service.name, service.namespace, () => go("service", { name: service.name })),
    ),
    ...(operations.data?.items ?? []).map((operation) =>
      command("Operation", operation.name, operation.service, () =>
        go("traces", { service: operation.service, operation: operation.name }),
      ),
    ),
    ...(metrics.data?.items ?? []).map((metric) =>
      command("Metric", metric.name, metric.description, () => go("metrics", { metric: metric.name })),
    ),
    ...presets.map((preset) =>
      command("Time", preset.label, "window", () => setRange({ from: preset.from, to: "now" })),
    ),
    command("Do", "Zoom out", "-", () => setRange(zoomOut(range, clock()))),
    command("Do", "Earlier", "<", () => setRange(shiftRange(range, -1, clock()))),
    command("Do", "Later", ">", () => setRange(shiftRange(range, 1, clock()))),
    command("Do", live ? "Stop following new data" : "Follow new data", ". live", () =>
      setPreferences({ live: !live }),
    ),
    command("Do", "Copy link with absolute times", "y share", () => {
      void navigator.clipboard.writeText(linkToShare(location.href, clock()));
    }),
    command("Do", "Light theme", "colours", () => chooseTheme("light")),
    command("Do", "Dark theme", "colours", () => chooseTheme("dark")),
    command("Do", "Theme of the system", "colours", () => chooseTheme("system")),
    command("Do", "Show the keys", "? help", onHelp),
    ...(tenant !== "" && isOwnChoice(tenant) ? [command("Do", "Change tenant", tenant, askForTenant)] : []),
  ];
}
