import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type UserConfig } from "vite";

/** React Aria brings its words in 34 languages; this interface is English, so every other one becomes a second name of it. */
const englishOnly: Plugin = {
  name: "english-only",
  load(id) {
    const found = /react-(?:aria|stately)[^?]*[/\\]intl[/\\](?:.*[/\\])?([a-z]{2}-[A-Z]{2})\.mjs$/.exec(id);
    if (found === null || found[1] === "en-US") return undefined;
    return `export { default } from ${JSON.stringify(path.join(path.dirname(id), "en-US.mjs"))};`;
  },
};

// Relative base and one-level page paths: the same build works at "/" and behind a prefix of a reverse proxy.
const config: UserConfig = defineConfig({
  base: "./",
  plugins: [englishOnly, react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // light-dark() must reach the browser as it is: tokens.css gives each colour for both themes in one line.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: { "/api": { target: process.env.OTELIER_URL ?? "http://127.0.0.1:4319", changeOrigin: true } },
  },
});
export default config;
