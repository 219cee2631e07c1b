import { defineConfig } from "vitest/config";
import { FailedTests } from "../failed-tests";

// The Django template names two files, so those two names are fixed; everything else is
// content-hashed and may be cached for ever.
const PAGE_SCRIPT = "graphiql.js";
const PAGE_STYLE = "graphiql.css";

export default defineConfig({
  // Relative, so that the page works under whatever STATIC_URL the project chooses.
  base: "./",
  build: {
    outDir: "../../api/static/graphiql",
    emptyOutDir: true,
    cssCodeSplit: false,
    // A data: URI costs a wider Content-Security-Policy; a file costs nothing.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      input: { graphiql: "src/main.ts" },
      onLog(level, log, handle) {
        // "use client" means something to server rendering only, and we have none.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
      output: {
        // Vite would put its import helper into the entry, and chunks must not import that: see main.ts.
        codeSplitting: { groups: [{ name: "preload", test: /vite\/preload-helper/ }] },
        entryFileNames: PAGE_SCRIPT,
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: ({ names }) =>
          names.some((name) => name.endsWith(".css")) ? PAGE_STYLE : "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es" },
  test: { include: ["test/**/*.test.ts"], reporters: ["default", new FailedTests()] },
});
