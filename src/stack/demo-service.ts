/** Runs the demo beside the stack: the launcher instruments its programs, as `otelier run` would. */
import type { ProgressOutput } from "../instrument/progress.ts";
import { startDemo } from "./demo/demo-runner.ts";
import { packageRoot } from "./package-root.ts";

export interface DemoServiceOptions {
  readonly dataDir: string;
  /** Base URL of the OTLP receiver. */
  readonly endpoint: string;
  /** Of what the demo sends; '' where there is one only. */
  readonly tenant: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressOutput;
  readonly say: (line: string) => void;
  /** Stops the demo. */
  readonly signal: AbortSignal;
}

/** Resolves when the demo has ended after the signal. Rejects when the repository's demo folder is not there. */
export async function runDemo(options: DemoServiceOptions): Promise<void> {
  const demo = await startDemo({
    root: packageRoot,
    dataDir: options.dataDir,
    environment: options.environment,
    output: options.say,
    signal: options.signal,
    otlpEndpoint: options.endpoint,
    tenant: options.tenant,
    progress: options.progress,
  });
  const [front] = demo.services;
  if (front !== undefined) options.say(`demo: the shop is open at ${front.url}; its visitors are synthetic`);
  if (!options.signal.aborted) {
    await new Promise<void>((resolve) => {
      options.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  await demo.stop();
}
