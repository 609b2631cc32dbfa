import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

// Relative base and one-level page paths: the same build works at "/" and behind a prefix of a reverse proxy.
const config: UserConfig = defineConfig({
  base: "./",
  plugins: [react()],
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
