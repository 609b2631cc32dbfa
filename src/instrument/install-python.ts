import path from "node:path";
import type { Clock } from "../base/clock.ts";
import { OtelierError } from "../base/error.ts";
import { fillOnce } from "./agent-cache.ts";
import type { InstallOptions } from "./install-options.ts";
import type { PythonInterpreter } from "./interpreters.ts";
import { runProcess, startProcess } from "./process.ts";
import { startProgress } from "./progress.ts";
import { pythonAgentsFolder, pythonPackageCount, pythonRequirements } from "./python/agent.ts";

/**
 * Fills the cache with the Python agent for the minor version of `python`, unless it is there; resolves with the folder that
 * holds all minor versions. Uses uv when it is on the PATH, else the interpreter's pip, else the pip that Python ships for venv.
 * Rejects with "agent-install", one line, remedy included.
 */
export async function installPythonAgent(
  python: PythonInterpreter,
  options: InstallOptions,
  clock: Clock,
): Promise<string> {
  const agents = pythonAgentsFolder(options.cache);
  await fillOnce(
    path.join(agents, python.tag),
    async (folder) => {
      const progress = startProgress(`installing the Python ${python.version} agent, once`, options.output);
      try {
        await install(python, folder, options, (done) => progress.update(done, pythonPackageCount()));
      } finally {
        progress.end();
      }
    },
    clock,
  );
  return agents;
}

async function install(
  python: PythonInterpreter,
  folder: string,
  options: InstallOptions,
  onProgress: (done: number) => void,
): Promise<void> {
  const environment = {
    ...options.environment,
    OTELIER_OFF: "install",
    PYTHONPATH: undefined,
    // Settings of the user that contradict --target.
    PIP_USER: "0",
    PIP_REQUIRE_VIRTUALENV: "0",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_ROOT_USER_ACTION: "ignore",
  };
  const installer = await findInstaller(python, environment);
  if (installer === undefined) {
    throw failure(python, "it has no pip, and uv is not on the PATH", "install uv, or pip for this Python");
  }
  let text = "";
  let collected = 0;
  const end = await startProcess({
    command: installer.command,
    args: [
      ...installer.args,
      "--target",
      folder,
      "--no-deps",
      "--only-binary",
      ":all:",
      "-r",
      pythonRequirements,
    ],
    workingDirectory: path.dirname(folder),
    environment: { ...environment, ...installer.environment },
    output: (chunk) => {
      const piece = chunk.toString("utf8");
      collected += piece.split(/^Collecting /m).length - 1;
      onProgress(collected);
      text = (text + piece).slice(-16_384);
    },
  }).ended;
  if (end.code !== 0)
    throw failure(
      python,
      reasonOf(text) ?? end.problem ?? "the installer failed",
      remedyOf(text, options.cache),
    );
}

interface Installer {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

async function findInstaller(
  python: PythonInterpreter,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Installer | undefined> {
  const works = async (
    command: string,
    args: readonly string[],
    extra: Record<string, string> = {},
  ): Promise<boolean> => {
    const options = { command, args, workingDirectory: "/", environment: { ...environment, ...extra } };
    return (await runProcess(options)).code === 0;
  };
  if (await works("uv", ["--version"])) {
    return { command: "uv", args: ["pip", "install", "--python", python.path], environment: {} };
  }
  const pip = ["-m", "pip"];
  if (await works(python.path, [...pip, "--version"])) {
    return { command: python.path, args: [...pip, "install"], environment: {} };
  }
  // An environment without pip (uv venv, venv --without-pip): the wheel that `ensurepip` carries runs as it is.
  const code =
    "import ensurepip,glob,os;print(glob.glob(os.path.join(os.path.dirname(ensurepip.__file__),'_bundled','pip-*.whl'))[0])";
  const wheel = await runProcess({
    command: python.path,
    args: ["-c", code],
    workingDirectory: "/",
    environment,
  });
  const bundled = { PYTHONPATH: wheel.stdout.trim() };
  if (wheel.code === 0 && (await works(python.path, [...pip, "--version"], bundled))) {
    return { command: python.path, args: [...pip, "install"], environment: bundled };
  }
  return undefined;
}

const unreachable =
  /Connection refused|Name or service not known|Temporary failure in name resolution|Network is unreachable|timed out|dns error|Could not connect/i;

/** What the output of pip or uv says in the end, in few words. */
function reasonOf(text: string): string | undefined {
  const network = unreachable.exec(text)?.[0];
  if (network !== undefined) return `the package index does not answer (${network})`;
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /^(ERROR|error):?/i.test(line)) ?? lines.findLast((line) => line !== "");
}

function remedyOf(text: string, cache: string): string {
  return unreachable.test(text) || text.includes("No matching distribution")
    ? `connect to the network once and run "otelier setup python", or copy ${cache} from another machine`
    : 'mend that and run "otelier setup python"';
}

function failure(python: PythonInterpreter, why: string, remedy: string): OtelierError {
  return new OtelierError(
    `cannot install the Python ${python.version} agent for ${python.path}: ${why.slice(0, 300)}; ${remedy}`,
    {
      code: "agent-install",
      outcome: "permanent",
    },
  );
}
