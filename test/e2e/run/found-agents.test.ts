/** Ruby and PHP with the real interpreters, the go tool's commands; the agents' packages stand in, as far as the launcher and the interpreter look at them. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { missing, Project, type Run, testSink } from "./harness.ts";

const sink = testSink();

function project(files: Readonly<Record<string, string>>): Project {
  return new Project(files);
}

async function ended(run: Run): Promise<Run> {
  expect(await run.ended, run.output).toBe(0);
  return run;
}

describe.skipIf(missing("ruby") !== undefined)("otelier run with Ruby", () => {
  const app = `puts "agent: #{ENV["SEEN_BY_AGENT"].inspect}"`;

  test("without the gem: one line with the remedy, and the program runs", async () => {
    const run = await ended(
      project({ "app.rb": app }).run(sink, ["ruby", "app.rb"], { words: ["--name", "till"] }),
    );
    expect(run.stdout).toBe("agent: nil\n");
    expect(run.stderr.match(/^otelier: till: .*/gm)).toEqual([
      expect.stringMatching(
        /^otelier: till: ruby \d\.\d: not instrumented: the gem opentelemetry-auto-instrumentation is not installed for \S+; run: \S+gem install opentelemetry-auto-instrumentation$/,
      ),
    ]);
  });

  test("with the gem, it is required before the program, also by what a shell script starts", async () => {
    const made = project({ "app.rb": app, "start.sh": "ruby app.rb\n" });
    const gems = path.join(made.folder, "gems");
    const name = "opentelemetry-auto-instrumentation";
    mkdirSync(path.join(gems, "gems", `${name}-9.8.7`, "lib"), { recursive: true });
    mkdirSync(path.join(gems, "specifications"));
    writeFileSync(
      path.join(gems, "specifications", `${name}-9.8.7.gemspec`),
      `Gem::Specification.new { |s| s.name = "${name}"; s.version = "9.8.7"; s.summary = "x"; s.authors = ["x"] }\n`,
    );
    writeFileSync(
      path.join(gems, "gems", `${name}-9.8.7`, "lib", `${name}.rb`),
      `ENV["SEEN_BY_AGENT"] = [ENV["OTEL_RUBY_ADDITIONAL_GEM_PATH"], ENV["OTEL_SERVICE_NAME"]].join(" ")\n`,
    );
    for (const command of [
      ["ruby", "app.rb"],
      ["sh", "start.sh"],
    ]) {
      const options = { words: ["--name", "till"], environment: { GEM_PATH: gems } };
      const run = await ended(made.run(sink, command, options));
      expect(run.stdout).toBe(`agent: "${gems} till"\n`);
      expect(run.stderr).toMatch(
        /^otelier: till: ruby \d\.\d: instrumented by the gem opentelemetry-auto-instrumentation 9\.8\.7; sends to http:\/\/127/m,
      );
    }
  });
});

describe("otelier run with the go tool", () => {
  test("go run goes through otelc when that is on the PATH", async () => {
    const made = project({
      "bin/otelc": '#!/bin/sh\necho "otelc $* for $OTEL_SERVICE_NAME"\n',
      "go.mod": "module example.com/till\n",
    });
    chmodSync(path.join(made.folder, "bin/otelc"), 0o755);
    const environment = { PATH: `${path.join(made.folder, "bin")}:${process.env["PATH"]}` };
    const run = await ended(made.run(sink, ["go", "run", "."], { environment }));
    expect(run.stdout).toBe("otelc go run . for till\n");
    expect(run.stderr).toMatch(
      /^otelier: till \(go\): instrumented by \S+otelc while it compiles; sends to http:/m,
    );
  });

  test("an agent that is asked for and not on the PATH is refused, not replaced", async () => {
    const run = project({}).run(sink, ["./till"], {
      words: ["--agent", "obi"],
      environment: { PATH: "/nowhere" },
    });
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain(
      'error[bad-argument]: cannot use option "--agent": "obi" is not on the PATH',
    );
  });
});

describe.skipIf(missing("php") !== undefined)("otelier run with PHP", () => {
  const app = `<?php echo "autoload: ", var_export(getenv("OTEL_PHP_AUTOLOAD_ENABLED"), true), "\\n";`;

  test("without extension and packages: one line that names both, and the program runs", async () => {
    const run = await ended(
      project({ "app.php": app }).run(sink, ["php", "app.php"], { words: ["--name", "till"] }),
    );
    expect(run.stdout).toBe("autoload: false\n");
    expect(run.stderr.match(/^otelier: till: .*/gm)).toEqual([
      expect.stringMatching(
        /^otelier: till: php \d\.\d: not instrumented: it lacks the extension opentelemetry \(run: pecl install opentelemetry\) and Composer packages \(run: composer require open-telemetry\/sdk .*\)$/,
      ),
    ]);
  });

  test("packages alone are not enough, and only what is missing is named", async () => {
    const made = project({
      "app.php": app,
      "vendor/open-telemetry/sdk/x": "",
      "vendor/open-telemetry/exporter-otlp/x": "",
    });
    const run = await ended(made.run(sink, ["php", "app.php"], { words: ["--name", "till"] }));
    expect(run.stderr).toMatch(
      /^otelier: till: php \d\.\d: not instrumented: it lacks the extension \S+ \(run: \S+ install \S+\)$/m,
    );
  });
});
