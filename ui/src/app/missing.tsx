import type { ReactElement } from "react";
import { PageLink } from "../url/page-link.tsx";

/** An address that is no page. */
export function Missing(): ReactElement {
  return (
    <div className="page">
      <div className="state">
        <h2>There is no such page</h2>
        <p className="soft">The address may come from another version of Otelier.</p>
        <PageLink page="services">Go to Services</PageLink>
      </div>
    </div>
  );
}
