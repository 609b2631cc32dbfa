/**
 * Whose telemetry a request brings or asks for, by the header of Grafana's databases. Rules and texts of github.com/grafana/dskit, user/id.go and
 * tenant/tenant.go: a missing and an empty id are the same; ids of several tenants joined by "|" are none.
 */
import { OtelierError } from "../base/error.ts";

/** Name of the HTTP header and of the gRPC metadata, in lower case. */
export const tenantHeader = "x-scope-orgid";

const longestId = 150;
const foreign = /[^A-Za-z0-9!_.*'()-]/u;

/** Why a text cannot name a tenant, or undefined. */
function tenantProblem(id: string): string | undefined {
  const wrong = foreign.exec(id)?.[0];
  if (wrong === "|") return "multiple org IDs present";
  if (wrong !== undefined) {
    return `tenant ID '${shortened(id)}' contains unsupported character '${wrong}'`;
  }
  if (id.length > longestId) return `tenant ID is too long: max ${longestId} characters`;
  return id === "." || id === ".." ? "tenant ID is '.' or '..'" : undefined;
}

/** The tenant that a request names. Throws "no-org-id" or "bad-org-id", both permanent. */
export function readTenant(id: string | undefined): string {
  if (id === undefined || id === "") {
    throw new OtelierError("no org id", { code: "no-org-id", outcome: "permanent" });
  }
  const problem = tenantProblem(id);
  if (problem === undefined) return id;
  throw new OtelierError(problem, { code: "bad-org-id", outcome: "permanent" });
}

/** What a stranger sent is not sent back at any length. */
function shortened(id: string): string {
  return id.length > longestId ? `${id.slice(0, longestId)}...` : id;
}
