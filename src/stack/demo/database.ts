import { OtelierError } from "../../base/error.ts";
import type { Company } from "./company.ts";
import { databaseProgram, type Places } from "./programs.ts";

const readyTimeoutMs = 120_000;

/**
 * Starts the shop's own PostgreSQL and resolves with its URL. The first start may install PostgreSQL, which its progress lines say.
 * Rejects with "demo-database" when it gives up, takes longer than two minutes, or the signal aborts.
 */
export function startDatabase(places: Places, company: Company, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string): void => {
      cancel();
      signal.removeEventListener("abort", aborted);
      reject(
        new OtelierError(`its database does not start: ${why}`, {
          code: "demo-database",
          outcome: "permanent",
        }),
      );
    };
    const aborted = (): void => fail("stopped");
    const cancel = company.options.clock.schedule(readyTimeoutMs, () =>
      fail(`not ready after ${readyTimeoutMs / 1000} s; see ${company.logPath("database")}`),
    );
    signal.addEventListener("abort", aborted);
    company.hire("database", databaseProgram(places), company.plain, (chunk) => {
      text = (text + Buffer.from(chunk).toString("utf8")).slice(-8192);
      const installing = /^installing PostgreSQL .*$/m.exec(text);
      if (installing !== null) {
        company.options.output(`demo: ${installing[0]}`);
        text = text.replace(installing[0], "");
      }
      const problem = /^cannot start the database: (.*)$/m.exec(text)?.[1];
      if (problem !== undefined) {
        fail(problem);
        void company.member("database")?.stop(0);
        return;
      }
      const url = /^ready (\S+)$/m.exec(text)?.[1];
      if (url === undefined) return;
      cancel();
      signal.removeEventListener("abort", aborted);
      resolve(url);
    });
    if (signal.aborted) aborted();
  });
}
