/** Whose telemetry a request of the API asks for, where several tenants share the store. */
import { headerOf, type HttpRequest } from "../../base/net/http-message.ts";
import { readTenant, tenantHeader } from "../../telemetry/tenant.ts";

/** By which the browser names the tenant: an event stream cannot have headers. */
const tenantCookie = "otelier_tenant";

/** What only the operator is to ask for, since it tells of all tenants; a proxy keeps others away. They need no tenant. */
const operatorPaths: ReadonlySet<string> = new Set(["/api/status", "/api/storage/backup"]);

/**
 * The tenant by the header X-Scope-OrgID, else by the cookie; '' for the operator's paths when none is named. Throws "no-org-id" and
 * "bad-org-id".
 */
export function askingTenant(request: HttpRequest): string {
  const named = headerOf(request, tenantHeader) ?? cookieOf(request);
  if ((named === undefined || named === "") && operatorPaths.has(request.path)) return "";
  return readTenant(named);
}

function cookieOf(request: HttpRequest): string | undefined {
  for (const pair of (headerOf(request, "cookie") ?? "").split(";")) {
    const [name = "", ...value] = pair.trim().split("=");
    if (name === tenantCookie) return value.join("=");
  }
  return undefined;
}
