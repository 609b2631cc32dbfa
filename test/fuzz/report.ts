/** The page about a long run: docs/fuzz.md. */
import { writeFileSync } from "node:fs";

export interface TargetRun {
  readonly name: string;
  readonly inputs: number;
  readonly longestMs: number;
  readonly seconds: number;
  /** Of the process, the most until the target was done. */
  readonly peakMiB: number;
}

export interface RunFacts {
  readonly runs: readonly TargetRun[];
  readonly first: number;
  readonly memoryBoundMiB: number;
}

/** Writes the page of a run in which nothing misbehaved; a run that found something ends before. */
export function writeReport(file: string, { runs, first, memoryBoundMiB }: RunFacts): void {
  const count = (value: number): string => value.toLocaleString("en-US");
  const inputs = runs.reduce((sum, run) => sum + run.inputs, 0);
  const peakMiB = Math.max(...runs.map((run) => run.peakMiB));
  const rows = runs.map(
    (run) =>
      `| ${run.name} | ${count(run.inputs)} | ${count(Math.round(run.inputs / run.seconds))} | ${run.longestMs.toFixed(1)} ms | ${count(run.peakMiB)} MiB |`,
  );
  const page = `# Damaged input

    npm run fuzz -- --inputs ${inputs} --report docs/fuzz.md

Everything that faces the network is fed with input that begins as valid telemetry, frames, requests or compressed bodies made from a seed, and is then damaged: bits, bytes, lengths,
pieces cut out, doubled or swapped. This page is written by the run. An input fails when it ends in an error of another kind than the documented ones, when two decoders contradict
each other (the check and the count, the transcoder and the check, JSON and protobuf), when it takes longer than a minute, when a good request behind it is not answered, or when the
process takes more than ${count(memoryBoundMiB)} MiB. The number of an input is its seed: \`npm run fuzz -- --only NAME --first N\` repeats it.

| | |
|---|---|
| inputs | ${count(inputs)}, from number ${count(first)} of each decoder on |
| crashes, undocumented errors, contradictions | 0 |
| hangs | 0 |
| peak memory of the process, fuzzer and servers | ${count(peakMiB)} MiB of ${count(memoryBoundMiB)} MiB allowed |

| decoder | inputs | a second | longest | peak memory by then |
|---|---|---|---|---|
${rows.join("\n")}

"Longest" includes waiting for others where many inputs run at once (sockets, compression), and whatever else the machine did. HTTP has both versions: raw bytes on connections to a running
server, ${"`"}POST${"`"} requests and HTTP/2 frames, with a good request after each 64 inputs.
`;
  writeFileSync(file, page);
}
