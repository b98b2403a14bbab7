import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.CHATSYNTH_SERVER ?? "http://localhost:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/chatsynth/web/static",
    emptyOutDir: true,
    // Read by scripts/page_weight.py, which adds up what a first visit loads.
    manifest: true,
    // No data: addresses, so that the server's content security policy needs none.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      // The short form would change the header `Host`, and the server would take the page for a foreign one.
      "/api": { target: server },
      "/healthz": { target: server },
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 60_000,
    restoreMocks: true,
    // The test machine may have two cores that pytest's servers share.
    maxWorkers: 2,
  },
});
