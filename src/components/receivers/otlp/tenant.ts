import type { HttpRequest } from "../../../base/net/http-message.ts";
import { readTenant, tenantHeader } from "../../../telemetry/tenant.ts";

/** The tenant that a request names by header or metadata. Throws as `readTenant`; a header that comes several times names none. */
export function requestTenant(request: HttpRequest): string {
  const value = request.headers[tenantHeader];
  return readTenant(value === undefined || typeof value === "string" ? value : value.join("|"));
}
