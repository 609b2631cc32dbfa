import { defineConfig, type ViteUserConfig } from "vitest/config";

// Three projects, one after the other: "unit" tests sit beside the code and are quick; "browser" ones look at pages over made-up answers; "e2e" ones
// start real commands, engines and browsers. What a test waits for is a condition, so its limits only say when to give up: they are for a machine that
// is slow and has other work, and no test names shorter ones.
const patience = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 90_000 } },
};
const browser = ["awkward", "flows", "large-trace", "metrics", "size", "trace-analysis"].map(
  (name) => `test/e2e/ui/${name}.test.ts`,
);

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "ui/src/**/*.test.ts",
            "test/conformance/**/*.test.ts",
            "test/contracts/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: ["dist/**", "node_modules/**"],
          // Some start the engine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
          // Each has what it uses to itself, so they run side by side.
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "browser",
          include: browser,
          globalSetup: "test/e2e/ui/build.ts",
          ...patience,
          maxWorkers: "100%",
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: browser,
          ...patience,
          // The processes of one would be seen by another that looks for processes, and take its time.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
export default config;
