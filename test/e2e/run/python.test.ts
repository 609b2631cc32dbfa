import { describe, expect, test } from "vitest";
import type { SunkSpan } from "../../fakes/otlp-sink.ts";
import { freePort } from "../../fakes/free-port.ts";
import { get, missing, Project, type Run, testSink } from "./harness.ts";

const skip = missing("python");
const packages = ["flask", "fastapi", "uvicorn", "django", "gunicorn", "requests"];
const sink = testSink();

function project(files: Record<string, string>): Project {
  return new Project({ "pyproject.toml": '[project]\nname = "talks"\n', ...files })
    .pipInstall(packages)
    .commit();
}

const flask = `
import logging
from flask import Flask
logging.basicConfig(level=logging.INFO, format="LINE %(message)s")
app = Flask(__name__)

@app.get("/api/talks/<int:id>")
def talk(id):
    logging.getLogger("talks").info("asked for %d", id)
    return {"id": id}
`;
const fastapi = `
import logging, time
from fastapi import FastAPI
logging.basicConfig(level=logging.INFO)
app = FastAPI()

@app.get("/api/talks/{id}")
async def talk(id: int):
    time.sleep(0.05)  # keeps this worker busy, so that another one takes the next connection
    logging.getLogger("talks").info("asked for %d", id)
    return {"id": id}
`;
const django = {
  "manage.py": `import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`,
  "site_settings.py": `SECRET_KEY = "x"
DEBUG = True
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
INSTALLED_APPS = []
DATABASES = {}
`,
  "urls.py": `import logging
from django.http import JsonResponse
from django.urls import path

def talk(request, id):
    logging.getLogger("talks").warning("asked for %d", id)
    return JsonResponse({"id": id})

urlpatterns = [path("api/talks/<int:id>", talk)]
`,
};

interface Server {
  readonly files: Record<string, string>;
  readonly command: (port: string) => string[];
  readonly library: RegExp;
  readonly exit: number;
  readonly route: string;
  /** Processes that serve. */
  readonly workers?: number;
}

const servers: Record<string, Server> = {
  "flask with the debug reloader": {
    files: { "app.py": flask },
    command: (port) => ["flask", "--app", "app", "run", "--debug", "--port", port],
    library: /instrumented .*flask 3\.\d+/,
    exit: 0,
    route: "/api/talks/<int:id>",
  },
  "flask by app.run(debug=True)": {
    files: {
      "app.py": `${flask}\nimport sys\nif __name__ == "__main__":\n    app.run(debug=True, port=int(sys.argv[1]))\n`,
    },
    command: (port) => ["python", "app.py", port],
    library: /instrumented .*flask 3\.\d+/,
    exit: 0,
    route: "/api/talks/<int:id>",
  },
  "fastapi under uvicorn": {
    files: { "app.py": fastapi },
    command: (port) => ["uvicorn", "app:app", "--port", port],
    library: /instrumented .*fastapi 0\.\d+/,
    exit: 0,
    route: "/api/talks/{id}",
  },
  "fastapi under uvicorn --reload": {
    files: { "app.py": fastapi },
    command: (port) => ["uvicorn", "app:app", "--reload", "--port", port],
    library: /instrumented .*fastapi 0\.\d+/,
    exit: 0,
    route: "/api/talks/{id}",
  },
  "fastapi under uvicorn --workers 2": {
    files: { "app.py": fastapi },
    command: (port) => ["uvicorn", "app:app", "--workers", "2", "--port", port],
    library: /instrumented .*fastapi 0\.\d+/,
    exit: 0,
    route: "/api/talks/{id}",
    workers: 2,
  },
  "django runserver": {
    files: django,
    command: (port) => ["python", "manage.py", "runserver", port],
    library: /instrumented .*django \d\.\d+/,
    exit: 0,
    route: "api/talks/<int:id>",
  },
  "gunicorn with two prefork workers": {
    files: { "app.py": flask },
    command: (port) => ["gunicorn", "--workers", "2", "--bind", `127.0.0.1:${port}`, "app:app"],
    library: /instrumented .*flask 3\.\d+/,
    exit: 0,
    route: "/api/talks/<int:id>",
    workers: 2,
  },
  "gunicorn that preloads": {
    files: { "app.py": flask },
    command: (port) => ["gunicorn", "--preload", "--workers", "2", "--bind", `127.0.0.1:${port}`, "app:app"],
    library: /instrumented .*flask 3\.\d+/,
    exit: 0,
    route: "/api/talks/<int:id>",
    workers: 2,
  },
};

/** Asks, in groups at once, until as many processes as wanted have served; the ids asked for. */
async function visit(run: Run, url: string, workers: number): Promise<number[]> {
  await get(`${url}/api/talks/1`, run);
  const asked = [1];
  const served = (): Set<string> => new Set(sink.spans.filter(isServer).map((span) => span.instance));
  for (let round = 0; round < 100 && (round === 0 || served().size < workers); round++) {
    const group = [1, 2, 3, 4, 5, 6].map((number) => round * 6 + 1 + number);
    await Promise.all(group.map((id) => get(`${url}/api/talks/${id}`, run)));
    asked.push(...group);
    // Who served is known once the spans have left the process.
    const askedSoFar = asked.length;
    if (workers > 1) await expect.poll(() => sink.spans.filter(isServer).length).toBe(askedSoFar);
  }
  return asked;
}

const isServer = (span: SunkSpan): boolean => span.kind === 2;

describe.skipIf(skip !== undefined)("otelier run with Python", () => {
  test.each(Object.entries(servers))("%s: nothing is lost at Ctrl-C", async (_name, server) => {
    const made = project(server.files);
    const port = await freePort();
    // Spans of several workers are waited for, to know that all have served.
    const environment: Record<string, string> =
      server.workers === undefined ? {} : { OTEL_BSP_SCHEDULE_DELAY: "100" };
    const running = made.run(sink, server.command(`${port}`), { environment });
    const asked = await visit(running, `http://127.0.0.1:${port}`, server.workers ?? 1);
    const end = await running.interrupt();

    const served = sink.spans.filter(isServer);
    const paths = served.map((span) => Number(span.attributes["url.path"]?.split("/").at(-1)));
    expect(paths.sort((a, b) => a - b)).toEqual(asked);
    expect(new Set(served.map((span) => span.attributes["http.route"]))).toEqual(new Set([server.route]));
    const logs = sink.logs.filter((log) => log.body.startsWith("asked for"));
    expect(logs.map((log) => Number(log.body.split(" ").at(-1))).sort((a, b) => a - b)).toEqual(asked);
    expect(new Set(logs.map((log) => log.traceId))).toEqual(new Set(served.map((span) => span.traceId)));
    const serving = new Set(served.map((span) => span.instance));
    expect(serving.size).toBe(server.workers ?? 1);
    for (const name of ["http.server.request.duration", "process.cpu.time", "cpython.gc.collections"]) {
      const from = new Set(
        sink.metrics.filter((metric) => metric.name === name).map((metric) => metric.instance),
      );
      expect([...serving].every((instance) => from.has(instance))).toBe(true);
    }
    expect(new Set(sink.spans.map((span) => span.service))).toEqual(new Set(["talks"]));
    expect(running.stderr).toMatch(server.library);
    expect(running.stderr).not.toMatch(/Traceback|Exception ignored/);
    expect(end, running.output).toBe(server.exit);
    expect(made.status()).toBe("");
  });

  test("a plain script: its logs, calls and output", async () => {
    const made = project({
      "job.py": `import logging, sqlite3, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
logging.info("started")
db = sqlite3.connect(":memory:")
print(db.cursor().execute("select 1").fetchone())
logging.getLogger("job").error("failed: %s", "reason")
sys.exit(5)
`,
    });
    const running = made.run(sink, ["python", "job.py"]);
    expect(await running.ended).toBe(5);
    expect(running.stdout).toBe("INFO started\n(1,)\nERROR failed: reason\n");
    expect(sink.logs.map((log) => `${log.severity} ${log.body}`)).toEqual([
      "INFO started",
      "ERROR failed: reason",
    ]);
    expect(sink.spans.map((span) => span.attributes["db.system.name"])).toContain("sqlite");
    expect(sink.metrics.map((metric) => metric.name)).toContain("process.memory.usage");
    expect(made.status()).toBe("");
  });

  test("an unhandled exception", async () => {
    const running = project({ "job.py": `raise ValueError("boom")` }).run(sink, ["python", "job.py"]);
    expect(await running.ended).toBe(1);
    expect(running.stderr).toContain("ValueError: boom");
    expect(sink.logs.map((log) => `${log.severity} ${log.body}`)).toEqual(["FATAL boom"]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s that only the launcher got", async (signal) => {
    const code = `import logging, time\nlogging.warning("ready")\nprint("ready", flush=True)\ntime.sleep(60)\n`;
    const running = project({ "job.py": code }).run(sink, ["python", "job.py"]);
    await running.printed(/^ready/m);
    expect(await running.signalLauncher(signal)).toBe(signal === "SIGTERM" ? 143 : 130);
    expect(sink.logs[0]?.body).toBe("ready");
  });

  test("a signal that comes while the last telemetry is sent", async () => {
    const code = `import logging, os, signal
from opentelemetry import trace
class Impatient:
    def on_start(self, span, parent_context=None): pass
    def _on_ending(self, span): pass
    def on_end(self, span): pass
    def force_flush(self, timeout_millis=30000): return True
    def shutdown(self): os.kill(os.getpid(), signal.SIGTERM)
trace.get_tracer_provider().add_span_processor(Impatient())
logging.warning("last words")
`;
    const running = project({ "job.py": code }).run(sink, ["python", "job.py"]);
    expect(await running.ended).toBe(143);
    expect(sink.logs.map((log) => log.body)).toEqual(["last words"]);
    expect(sink.metrics.map((metric) => metric.name)).toContain("process.memory.usage");
  });

  test("children of multiprocessing, forked and spawned", async () => {
    const code = `import logging, multiprocessing, sys
def work(number):
    logging.warning("work %s", number)
if __name__ == "__main__":
    for kind in ("fork", "spawn"):
        context = multiprocessing.get_context(kind)
        child = context.Process(target=work, args=(kind,))
        child.start(); child.join()
`;
    const running = project({ "job.py": code }).run(sink, ["python", "job.py"]);
    expect(await running.ended).toBe(0);
    expect(sink.logs.map((log) => log.body).sort()).toEqual(["work fork", "work spawn"]);
    expect(new Set(sink.logs.map((log) => log.instance)).size).toBe(2);
    // The program itself and what it spawned, but not the process in which multiprocessing keeps track of semaphores.
    expect(running.stderr.match(/\(python [\d.]+, pid \d+\)/g)).toHaveLength(2);
  });

  test("the user's own sitecustomize and PYTHONPATH", async () => {
    const made = project({
      "custom/sitecustomize.py": `import builtins\nbuiltins.CUSTOM = "yes"\n`,
      "custom/helper_module.py": "VALUE = 42\n",
      "job.py": `import sys, helper_module\nprint(CUSTOM, helper_module.VALUE, [p for p in sys.path if "hook" in p])\n`,
    });
    const running = made.run(sink, ["python", "job.py"], {
      environment: { PYTHONPATH: `${made.folder}/custom` },
    });
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe("yes 42 []\n");
    expect(running.stderr).toMatch(/otelier: talks \(python/);
  });

  test("pip is left alone", async () => {
    const running = project({}).run(sink, ["pip", "--version"]);
    expect(await running.ended).toBe(0);
    expect(running.stderr).not.toContain("pid");
    expect(sink.metrics).toEqual([]);
  });

  test("no stack: nothing printed by the agent", async () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
    const code = `import logging, time\nlogging.warning("x")\ntime.sleep(2.5)\nprint("done")\n`;
    const running = project({ "job.py": code }).run(sink, ["python", "job.py"], { environment });
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe("done\n");
    const ours = running.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("otelier: "));
    expect(ours).toEqual(["WARNING:root:x"]);
  });
});
