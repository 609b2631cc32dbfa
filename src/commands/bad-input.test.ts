/** What commands say of values that their tables let through: the option, and what to write instead, before anything is started. */
import process from "node:process";
import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { ebpfCommand } from "./ebpf.ts";
import { upCommand } from "./up.ts";

async function answerOf(command: Command, words: readonly string[]): Promise<readonly [number, string]> {
  const { value, diagnostics } = parseArguments(command, words, {});
  expect(diagnostics).toEqual([]);
  let said = "";
  const code = await command.run(value, {
    stdout: { write: (text) => expect.fail(text) },
    stderr: { write: (text) => (said += text) },
    environment: {},
    workingDirectory: import.meta.dirname,
    stopSignal: new AbortController().signal,
  });
  return [code, said];
}

const write = "write HOST:PORT, as localhost:4317";

test.each([
  [["--http", "nohost:99999"], `option "--http" cannot be "nohost:99999"`, `${write}; invalid port "99999"`],
  [
    ["--otlp-grpc", "x"],
    `option "--otlp-grpc" cannot be "x"`,
    `${write}; address x: missing port in address`,
  ],
  [["--otlp-http", "a:b:1"], `option "--otlp-http" cannot be "a:b:1"`, "too many colons"],
  [["--max-disk", "lots"], `option "--max-disk" cannot be "lots"`, "write a size as 512MiB, 5GB or 0"],
  [["--retention", "soon"], `option "--retention" cannot be "soon"`, "write an age as 7d"],
])("up %j", async (words, problem, fix) => {
  const [code, said] = await answerOf(upCommand, words);
  expect(code).toBe(2);
  expect(said).toContain(`error[bad-argument]: ${problem}\n  hint: `);
  expect(said).toContain(fix);
});

test.skipIf(process.platform !== "linux").each([
  [["--pid", "4194305"], "there is no process 4194305", "give --port or --exe"],
  [["--pid", "abc"], 'option "--pid" is no process id, got "abc"', "such as 4711"],
])("ebpf %j", async (words, problem, fix) => {
  const [code, said] = await answerOf(ebpfCommand, words);
  expect(code).toBe(2);
  expect(said).toContain(`error[bad-argument]: ${problem}\n  hint: `);
  expect(said).toContain(fix);
});
