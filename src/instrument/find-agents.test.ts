import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findDotnetAgent } from "./find-dotnet.ts";
import { findPhpAgent } from "./find-php.ts";
import { findRubyAgent } from "./find-ruby.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "otelier-found-"));
afterAll(() => rmSync(root, { recursive: true }));

function file(...parts: readonly string[]): string {
  const made = path.join(root, ...parts);
  mkdirSync(path.dirname(made), { recursive: true });
  writeFileSync(made, "");
  return made;
}

describe.runIf(process.platform === "linux" && process.arch === "x64")("findDotnetAgent", () => {
  const find = (environment: Record<string, string>): ReturnType<typeof findDotnetAgent> =>
    findDotnetAgent({ cwd: root, cache: root, environment });

  test("what is missing is named, with the remedy", () => {
    file("half", "net", "OpenTelemetry.AutoInstrumentation.StartupHook.dll");
    expect(find({ HOME: root })).toEqual({
      variables: {},
      line: expect.stringMatching(
        /^dotnet: not instrumented: the OpenTelemetry agent is not in \S+\.otel-dotnet-auto \(net\/\S+ is missing\); install it with otel-dotnet-auto-install\.sh .*OTEL_DOTNET_AUTO_HOME$/,
      ),
    });
    expect(find({ OTEL_DOTNET_AUTO_HOME: path.join(root, "half") }).line).toMatch(
      /\(linux\S+Native\.so is missing\)/,
    );
  });

  test("the documented variables, lists merged; another profiler stays", () => {
    const home = path.join(root, "dotnet");
    const hook = file("dotnet", "net", "OpenTelemetry.AutoInstrumentation.StartupHook.dll");
    const glibc = file("dotnet", "linux-x64", "OpenTelemetry.AutoInstrumentation.Native.so");
    file("dotnet", "linux-musl-x64", "OpenTelemetry.AutoInstrumentation.Native.so");
    const { variables, line } = find({
      OTEL_DOTNET_AUTO_HOME: home,
      DOTNET_STARTUP_HOOKS: "/their/hook.dll",
    });
    expect(line).toBe(`dotnet: instrumented by the OpenTelemetry agent in ${home}`);
    expect({
      ...variables,
      CORECLR_PROFILER_PATH: variables["CORECLR_PROFILER_PATH"]?.replace("musl-", ""),
    }).toEqual({
      CORECLR_ENABLE_PROFILING: "1",
      CORECLR_PROFILER: "{918728DD-259F-4A6A-AC2B-B85E1B658318}",
      CORECLR_PROFILER_PATH: glibc,
      DOTNET_ADDITIONAL_DEPS: `${home}/AdditionalDeps`,
      DOTNET_SHARED_STORE: `${home}/store`,
      DOTNET_STARTUP_HOOKS: `/their/hook.dll:${hook}`,
      OTEL_DOTNET_AUTO_HOME: home,
    });
    const other = find({ OTEL_DOTNET_AUTO_HOME: home, CORECLR_PROFILER: "{other}" });
    expect(other).toEqual({ variables: {}, line: expect.stringContaining("CORECLR_PROFILER={other}") });
  });
});

test("no runtime on the PATH: nothing is said", async () => {
  const options = { cwd: root, cache: root, environment: { PATH: root } };
  expect(await findRubyAgent(options)).toBeUndefined();
  expect(await findPhpAgent(options)).toBeUndefined();
});
