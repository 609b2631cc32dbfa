// Runs the demo of the repository with its data in the folder given, without instrumentation; prints "started" and stays. Killed by its test.
import path from "node:path";
import { startProcess } from "../../../src/instrument/process.ts";
import { startDemo } from "../../../src/stack/demo/demo-runner.ts";

const firstPort = Number(process.argv[3]);
const never = new AbortController();
await startDemo({
  root: path.resolve(import.meta.dirname, "../../.."),
  dataDir: process.argv[2] ?? "",
  otlpEndpoint: "http://127.0.0.1:1",
  instrument: (program, output) => startProcess({ ...program, output }),
  output: () => {},
  signal: never.signal,
  environment: process.env,
  ports: {
    storefront: firstPort,
    reviews: firstPort,
    inventory: firstPort,
    payments: firstPort,
    database: firstPort,
  },
});
process.stdout.write("started\n");
