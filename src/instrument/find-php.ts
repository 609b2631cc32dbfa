import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runProcess } from "./process.ts";
import { findExecutable } from "./program.ts";
import { appended, type FindOptions, type FoundAgent } from "./found-agent.ts";

const question =
  'echo PHP_VERSION, "\\n", phpversion("opentelemetry"), "\\n", ini_get("extension_dir"), "\\n";';

/**
 * PHP's zero-code instrumentation has two halves: the extension "opentelemetry", loaded or at least installed, and Composer packages in the
 * program's own vendor folder. Asks the given PHP, else the one on the PATH. Undefined when there is none.
 */
export async function findPhpAgent(options: FindOptions, given?: string): Promise<FoundAgent | undefined> {
  const { environment } = options;
  const php = given ?? findExecutable("php", options.cwd, environment["PATH"] ?? "");
  if (php === undefined) return undefined;
  const answer = await runProcess({
    command: php,
    args: ["-r", question],
    workingDirectory: "/",
    environment,
  });
  if (answer.code !== 0) return undefined;
  const [version = "", extension = "", folder = ""] = answer.stdout.split("\n");
  const who = `php ${version.split(".").slice(0, 2).join(".")}`;
  const installed = extension !== "" || existsSync(path.join(folder, "opentelemetry.so"));
  const packages = packagesIn(options.cwd);
  const missing = [
    ...(installed ? [] : ["the extension opentelemetry (run: pecl install opentelemetry)"]),
    ...(packages.has("sdk") && packages.has("exporter-otlp")
      ? []
      : [
          "Composer packages (run: composer require open-telemetry/sdk open-telemetry/exporter-otlp guzzlehttp/guzzle, and open-telemetry/opentelemetry-auto-... for your framework)",
        ]),
  ];
  if (missing.length > 0) {
    return { variables: {}, line: `${who}: not instrumented: it lacks ${missing.join(" and ")}` };
  }
  const libraries = [...packages].filter((name) => name.startsWith("opentelemetry-auto-"));
  const named = libraries.map((name) => name.replace("opentelemetry-auto-", "")).join(", ");
  return {
    variables: {
      OTEL_PHP_AUTOLOAD_ENABLED: environment["OTEL_PHP_AUTOLOAD_ENABLED"] || "true",
      ...(extension === "" ? loaded(options) : {}),
    },
    line:
      named === ""
        ? `${who}: the SDK is there, but no package instruments a library; run: composer require open-telemetry/opentelemetry-auto-... for your framework`
        : `${who}: instrumented ${named}`,
  };
}

/** One more folder of settings, which loads the extension; an empty entry in the list stands for PHP's own. */
function loaded(options: FindOptions): Readonly<Record<string, string>> {
  const folder = path.join(options.cache, "php");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "opentelemetry.ini"), "extension=opentelemetry.so\n");
  const given = options.environment["PHP_INI_SCAN_DIR"];
  return { PHP_INI_SCAN_DIR: given === undefined ? `:${folder}` : appended(given, ":", folder) };
}

function packagesIn(cwd: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(path.join(cwd, "vendor", "open-telemetry")));
  } catch {
    return new Set();
  }
}
