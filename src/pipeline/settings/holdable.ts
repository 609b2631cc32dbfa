import { defaultHttpLimits } from "../../base/net/http-limits.ts";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { configProblem, type ConfigProblem } from "./problem.ts";

/**
 * Warns of a largest body that no request can have, since all requests of a port share less. What the configuration asks for is otherwise fine, and other
 * Collectors grant it; so what can be taken is taken.
 */
export function checkHoldable(
  size: number,
  option: { readonly key: string; readonly unit: string; readonly unitBytes: number },
  place: Required<Pick<ConfigProblem, "node" | "path" | "at">>,
): readonly Diagnostic[] {
  const { key, unit, unitBytes } = option;
  const most = defaultHttpLimits.maxBufferedBytes / unitBytes;
  if (size <= most) return [];
  const text = `'${key}' is ${size} ${unit}, but all requests of a port together hold at most ${most}: larger ones are refused`;
  const hint = `write at most ${most}, and let senders of more split their batches`;
  return [configProblem({ code: "body-limit", ...place, key, text, hint, severity: "warning" })];
}
