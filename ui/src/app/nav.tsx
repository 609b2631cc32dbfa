import type { ReactElement } from "react";
import { useRouterState } from "@tanstack/react-router";
import { chooseTheme } from "../client/theme.ts";
import { usePreferences, type Theme } from "../client/preferences.ts";
import { Button, Segments } from "../design/controls.tsx";
import { Icon } from "../design/icons.tsx";
import { PageLink } from "../url/page-link.tsx";
import { pages } from "../url/pages.ts";
import { Mark } from "./mark.tsx";
import { places } from "./places.ts";
import { TenantName } from "./tenant-name.tsx";

const modKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export function Nav(props: { readonly onHelp: () => void; readonly onPalette: () => void }): ReactElement {
  const { theme } = usePreferences();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav className="nav" aria-label="Pages">
      <PageLink page="services" className="brand" label="Otelier, to Services">
        <Mark />
        <span className="brand-name">Otelier</span>
      </PageLink>
      <button type="button" className="nav-find" onClick={props.onPalette}>
        <Icon name="search" size={14} />
        <span className="nav-name">Find</span>
        <span className="nav-key">{modKey} K</span>
      </button>
      <ul className="nav-list">
        {places.map((place) => {
          // A single trace belongs to Traces, a single service to Services.
          const here =
            path === pages[place.page].path ||
            (place.page === "traces" && path === pages.trace.path) ||
            (place.page === "services" && path === pages.service.path);
          return (
            <li key={place.page} className={here ? "nav-item is-here" : "nav-item"}>
              <PageLink page={place.page} className="nav-link" label={place.name}>
                <Icon name={place.icon} size={18} />
                <span className="nav-name">{place.name}</span>
                <span className="nav-key" aria-hidden="true">
                  g {place.key}
                </span>
              </PageLink>
            </li>
          );
        })}
      </ul>
      <span className="grow" />
      <TenantName />
      <div className="nav-foot">
        <Segments<Theme>
          label="Theme"
          value={theme}
          choices={[
            { id: "light", name: "Light", icon: "sun" },
            { id: "system", name: "As the system", icon: "system" },
            { id: "dark", name: "Dark", icon: "moon" },
          ]}
          onChange={chooseTheme}
        />
        <Button kind="quiet" icon="help" label="Keys (?)" onPress={props.onHelp} />
      </div>
    </nav>
  );
}
