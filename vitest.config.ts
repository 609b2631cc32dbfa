import { defineConfig, type ViteUserConfig } from "vitest/config";

// Two projects: "unit" tests sit beside the code and are quick; "e2e" ones start real commands, engines and browsers.
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
          // Some start the engine; a slow or busy machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          fileParallelism: false,
        },
      },
    ],
  },
});
export default config;
