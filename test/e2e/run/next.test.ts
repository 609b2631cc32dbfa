import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../fakes/free-port.ts";
import { eventually, get, missing, Project, type Run, testSink } from "./harness.ts";

const skip = missing("node");
const sink = testSink();
let made: Project;

const files = {
  "package.json": JSON.stringify({ name: "next-shop", private: true }),
  "app/layout.js": `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  "app/page.js": `export const dynamic = "force-dynamic";
export default function Page() { console.log("page rendered"); return <h1>Talks</h1>; }`,
  "app/api/talks/[id]/route.js": `export async function GET(request, { params }) {
  const { id } = await params; console.log("asked for " + id); return Response.json({ id }); }`,
};

beforeAll(() => {
  if (skip !== undefined) return;
  made = new Project(files).npmInstall({ next: "15", react: "19", "react-dom": "19" }).commit();
});

async function checkServer(running: Run, port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  expect(await get(`${url}/api/talks/5`, running)).toBe('{"id":"5"}');
  expect(await get(url, running)).toContain("Talks");
  await running.interrupt();
  const served = sink.spans.filter((span) => span.kind === 2 && span.scope.endsWith("instrumentation-http"));
  expect(served.map((span) => span.attributes["url.path"])).toEqual(["/api/talks/5", "/"]);
  const routes = sink.spans.filter((span) => span.attributes["next.route"] !== undefined);
  expect(routes.map((span) => span.attributes["next.route"])).toContain("/api/talks/[id]");
  for (const body of ["asked for 5", "page rendered"]) {
    const log = sink.logs.find((one) => one.body === body);
    expect(served.map((span) => span.traceId)).toContain(log?.traceId);
  }
  expect(new Set(sink.spans.map((span) => span.service))).toEqual(new Set(["next-shop"]));
  expect(sink.metrics.some((metric) => metric.name.startsWith("v8js."))).toBe(true);
  expect(made.status()).toBe("");
}

describe.skipIf(skip !== undefined)("otelier run with Next.js", () => {
  test("next dev", async () => {
    const port = await freePort();
    const running = made.run(sink, ["next", "dev", "--port", `${port}`]);
    await running.printed(/Ready in/);
    await checkServer(running, port);
    expect(running.stderr.match(/^otelier: next-shop \(node/gm)).toHaveLength(1);
  });

  test("next build, left alone, and next start", async () => {
    const building = made.run(sink, ["next", "build"]);
    expect(await building.ended).toBe(0);
    expect(building.stderr).not.toMatch(/^otelier: next-shop \(/m);
    expect(sink.spans).toEqual([]);
    const port = await freePort();
    const running = made.run(sink, ["next", "start", "--port", `${port}`]);
    await running.printed(/Ready in/);
    await eventually(() => (running.stderr.includes("otelier: next-shop") ? true : undefined));
    await checkServer(running, port);
  });
});
