import type { ConfigNode } from "../../../src/pipeline/settings/config-node.ts";
import { printNode } from "../../../src/pipeline/settings/print.ts";
import type { PlainValue } from "../../../src/pipeline/settings/print.ts";
import { loadCollectorConfig } from "../../../src/config/collector/load.ts";

/** A configuration merged and expanded, as plain values, with the texts of what was wrong. */
export async function resolvePlain(
  config: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  workingDirectory: string = process.cwd(),
): Promise<{ readonly value: PlainValue; readonly root: ConfigNode; readonly errors: readonly string[] }> {
  const { root, diagnostics } = await loadCollectorConfig({ config, environment, workingDirectory });
  const errors = diagnostics.filter((found) => found.severity === "error").map((found) => found.message);
  return { value: printNode(root), root, errors };
}
