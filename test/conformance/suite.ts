/** What all conformance suites share: where the upstream data lies, and the lists of expected failures. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * The folder of one suite's upstream data, below OTELIER_CONFORMANCE (default ../shared/conformance). Undefined, after one printed line, when
 * it is not there; in CI that is an error.
 */
export function conformanceFolder(suite: string): string | undefined {
  const base = path.resolve(root, process.env["OTELIER_CONFORMANCE"] ?? "../shared/conformance");
  const folder = path.join(base, suite);
  if (existsSync(folder)) return folder;
  if (process.env["CI"] === "true")
    throw new Error(`no conformance data in ${folder}: set OTELIER_CONFORMANCE`);
  console.warn(`skipped: no conformance data for ${suite} (set OTELIER_CONFORMANCE to run it)`);
  return undefined;
}

/** Lines "case: reason"; a case without a reason is an error. */
export function readExpectedFailures(file: string): ReadonlyMap<string, string> {
  const failures = new Map<string, string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(": ");
    if (colon === -1) throw new Error(`${file}: "${line}" gives no reason`);
    failures.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return failures;
}
