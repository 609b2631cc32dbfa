import type { ReactElement } from "react";
import { askForTenant, isOwnChoice, useTenancy } from "../client/tenant.ts";
import { Button } from "../design/controls.tsx";

/** Whose telemetry the pages show, and the way to another's; nothing on a server without tenants. */
export function TenantName(): ReactElement | null {
  const { tenant } = useTenancy();
  if (tenant === "") return null;
  return (
    <div className="nav-tenant">
      <span className="nav-tenant-name ellipsis" title={tenant}>
        <span className="visually-hidden">Tenant </span>
        {tenant}
      </span>
      {isOwnChoice(tenant) ? (
        <Button kind="quiet" label="Change tenant" onPress={askForTenant}>
          Change
        </Button>
      ) : null}
    </div>
  );
}
