import type { Diagnostic } from "../base/diagnostic.ts";
import { messageOf } from "../base/error.ts";
import { readTenant } from "../telemetry/tenant.ts";
import type { Arguments, OptionSpec } from "./command.ts";

/** The option of commands that read or write the telemetry of one tenant; name as in Tempo's command line. */
export const orgIdOption: OptionSpec = {
  name: "org-id",
  value: "ID",
  doc: "the tenant whose telemetry is meant, where a stack has several (X-Scope-OrgID)",
};

/** The tenant of the option, '' when it is absent, and what is wrong with it. */
export function readOrgId(args: Arguments): { readonly tenant: string; readonly problem?: Diagnostic } {
  const id = args.value(orgIdOption.name);
  if (id === undefined) return { tenant: "" };
  try {
    return { tenant: readTenant(id) };
  } catch (error) {
    const message = `option "--org-id" cannot be "${id}": ${messageOf(error)}`;
    const hint = "write 1 to 150 letters, digits and !-_.*'()";
    return { tenant: "", problem: { severity: "error", code: "bad-argument", message, hint } };
  }
}
