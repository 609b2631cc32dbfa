/** axe-core on a page, as text: one line a violation. Run by the debugger's door, so that the page's CSP stays as it is. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
  }[];
}

/** `without`: rules left out, each with its reason where it is called. */
export async function axeViolations(page: Page, without: readonly string[] = []): Promise<readonly string[]> {
  await page.evaluate(source);
  const result = await page.evaluate<AxeResult>("axe.run(document, { resultTypes: ['violations'] })");
  return result.violations
    .filter(({ id }) => !without.includes(id))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        (node) =>
          `${id}: ${help} at ${node.target.join(" ")} (${(node.failureSummary ?? "").replaceAll("\n", " ")})`,
      ),
    );
}
