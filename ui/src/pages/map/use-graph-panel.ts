import { useEffect, useState } from "react";
import type { ServiceGraphPanel } from "../../panels/graph/service-graph.tsx";

type Panel = typeof ServiceGraphPanel;

// The layout of graphs is heavy and of no use elsewhere: it comes while the server counts the calls.
let loaded: Panel | undefined;
const loading: Promise<Panel> = import("../../panels/graph/service-graph.tsx").then((module) => {
  loaded = module.ServiceGraphPanel;
  return loaded;
});

/** The panel once its program is there. Not by Suspense, which holds back for a third of a second what could be shown at once. */
export function useGraphPanel(): Panel | undefined {
  const [panel, setPanel] = useState<Panel | undefined>(() => loaded);
  useEffect(() => {
    // A failure shows as the page's error, as one of the page's own program does.
    void loading.then((ready) => setPanel(() => ready));
  }, []);
  return panel;
}
