import { launch } from "../../instrument/launcher.ts";
import type { ProgressOutput } from "../../instrument/progress.ts";
import type { InstrumentProgram } from "./programs.ts";

/** Starts programs under the launcher, as `otelier run --name NAME -- COMMAND` does; its reports go to `output` line by line. */
export function instrumentedBy(options: {
  /** Base URL of the stack's OTLP receiver. */
  readonly otlpEndpoint: string;
  readonly output: (line: string) => void;
  /** Where installations show how far they are; `output` takes a line for each when it is left out. */
  readonly progress?: ProgressOutput;
}): InstrumentProgram {
  const say = (text: string): void => {
    for (const line of text.split("\n").filter((each) => each !== "")) {
      options.output(line.replace(/^otelier: /, ""));
    }
  };
  return (program, output) =>
    launch({
      command: [program.command, ...program.args],
      cwd: program.workingDirectory,
      environment: program.environment,
      serviceName: program.name,
      endpoint: options.otlpEndpoint,
      stdio: output,
      onReport: say,
      progress: options.progress ?? { write: say },
    });
}
