import { useEffect, useState, type ReactElement } from "react";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useIsFetching, useQueryClient, type QueryFilters } from "@tanstack/react-query";
import { startLive } from "../client/live.ts";
import { setPreferences, usePreferences } from "../client/preferences.ts";
import { PageHeadSlot } from "../panels/page-head.tsx";
import { useDelayed } from "../panels/states.tsx";
import { linkToShare, useGo, useSetTimeRange, useTimeRange } from "../url/location.ts";
import { shiftRange, zoomOut } from "../url/time.ts";
import { Help } from "./help.tsx";
import { pageKeys } from "./keys.ts";
import { Nav } from "./nav.tsx";
import { Palette } from "./palette/palette.tsx";
import { TimePicker } from "./time-picker.tsx";
import { LiveSwitch } from "./live-switch.tsx";
import { ShareButton } from "./share-button.tsx";
import { ViewsMenu } from "./views-menu.tsx";
import { useKeys } from "./use-keys.ts";

/** Questions with no answer yet; those asked again by live show theirs meanwhile and need no progress. */
const firstAnswers: QueryFilters = { predicate: (query) => query.state.status === "pending" };

/** Navigation, time and live above every page. */
export function Shell(): ReactElement {
  const client = useQueryClient();
  const { live } = usePreferences();
  const go = useGo();
  const range = useTimeRange();
  const setRange = useSetTimeRange();
  const [helpOpen, setHelpOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [viewsOpen, setViewsOpen] = useState(false);
  const [timeOpen, setTimeOpen] = useState(false);
  const isLoading = useRouterState({ select: (state) => state.isLoading });
  const busy = useDelayed(useIsFetching(firstAnswers) > 0 || isLoading);

  useEffect(() => (live ? startLive(client) : undefined), [client, live]);

  useKeys({
    ...Object.fromEntries(Object.entries(pageKeys).map(([key, page]) => [`g ${key}`, () => go(page, {})])),
    "Mod k": () => setPaletteOpen(!paletteOpen),
    "/": focusSearch,
    "?": () => setHelpOpen(true),
    v: () => setViewsOpen(true),
    t: () => setTimeOpen(true),
    "-": () => setRange(zoomOut(range, Date.now())),
    "<": () => setRange(shiftRange(range, -1, Date.now())),
    ">": () => setRange(shiftRange(range, 1, Date.now())),
    ".": () => setPreferences({ live: !live }),
    y: () => void navigator.clipboard.writeText(linkToShare(location.href, Date.now())),
  });

  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        Skip to content
      </a>
      <Nav onHelp={() => setHelpOpen(true)} onPalette={() => setPaletteOpen(true)} />
      <div className="shell-body">
        <header className="top-bar">
          <PageHeadSlot />
          <TimePicker isOpen={timeOpen} onOpenChange={setTimeOpen} />
          <LiveSwitch />
          <ViewsMenu isOpen={viewsOpen} onOpenChange={setViewsOpen} />
          <ShareButton />
          <div className={busy ? "progress is-busy" : "progress"} role="status">
            {busy ? <span className="visually-hidden">Loading</span> : null}
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Palette isOpen={paletteOpen} onOpenChange={setPaletteOpen} onHelp={() => setHelpOpen(true)} />
      <Help isOpen={helpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  field?.focus();
  field?.select();
}
