import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that one build can be served under any path.
  base: "./",
  build: {
    // Every browser with `light-dark()` in its CSS has these.
    target: "es2022",
    // A data: URI costs a wider Content-Security-Policy; a file costs nothing.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  // The port the API's CORS_ALLOWED_ORIGINS would name; another one would be refused there.
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
});
