import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { appended, type FindOptions, type FoundAgent } from "./found-agent.ts";

const profiler = "{918728DD-259F-4A6A-AC2B-B85E1B658318}";

/**
 * OpenTelemetry .NET Automatic Instrumentation where its installer puts it (OTEL_DOTNET_AUTO_HOME, else ~/.otel-dotnet-auto), switched on
 * by the variables of its documentation. The runtime takes one profiler only: another one that the user has set stays.
 */
export function findDotnetAgent(options: FindOptions): FoundAgent {
  const { environment } = options;
  const home =
    environment["OTEL_DOTNET_AUTO_HOME"] ||
    path.join(environment["HOME"] ?? os.homedir(), ".otel-dotnet-auto");
  const library = path.join(home, nativeLibrary());
  const hook = path.join(home, "net", "OpenTelemetry.AutoInstrumentation.StartupHook.dll");
  const missing = [hook, library].find((file) => !existsSync(file));
  if (missing !== undefined) {
    return {
      variables: {},
      line:
        `dotnet: not instrumented: the OpenTelemetry agent is not in ${home} (${path.relative(home, missing)} is missing); ` +
        "install it with otel-dotnet-auto-install.sh of github.com/open-telemetry/opentelemetry-dotnet-instrumentation, or set OTEL_DOTNET_AUTO_HOME",
    };
  }
  const other = environment["CORECLR_PROFILER"];
  if (other !== undefined && other !== "" && other.toUpperCase() !== profiler) {
    return {
      variables: {},
      line: `dotnet: not instrumented: another profiler is set (CORECLR_PROFILER=${other}), and the runtime takes one; unset it`,
    };
  }
  return {
    variables: {
      CORECLR_ENABLE_PROFILING: "1",
      CORECLR_PROFILER: profiler,
      CORECLR_PROFILER_PATH: library,
      DOTNET_ADDITIONAL_DEPS: appended(
        environment["DOTNET_ADDITIONAL_DEPS"],
        ":",
        path.join(home, "AdditionalDeps"),
      ),
      DOTNET_SHARED_STORE: appended(environment["DOTNET_SHARED_STORE"], ":", path.join(home, "store")),
      DOTNET_STARTUP_HOOKS: appended(environment["DOTNET_STARTUP_HOOKS"], ":", hook),
      OTEL_DOTNET_AUTO_HOME: home,
    },
    line: `dotnet: instrumented by the OpenTelemetry agent in ${home}`,
  };
}

/** Below the agent's home, for this machine. */
function nativeLibrary(): string {
  const architecture = process.arch === "arm64" ? "arm64" : "x64";
  if (process.platform === "darwin")
    return `osx-${architecture}/OpenTelemetry.AutoInstrumentation.Native.dylib`;
  const musl = ["x86_64", "aarch64"].some((name) => existsSync(`/lib/ld-musl-${name}.so.1`));
  return `linux-${musl ? "musl-" : ""}${architecture}/OpenTelemetry.AutoInstrumentation.Native.so`;
}
