import { defineConfig } from "vitest/config";
import { FailedTests } from "../failed-tests.js";

const PACKAGE = "test/package.test.ts";
const behaviour = {
  include: ["test/**/*.test.ts"],
  exclude: [PACKAGE],
  // What must come may take its time on a busy machine.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
};

// The same tests against both majors: what is written for one is resolved to the other.
export default defineConfig({
  test: {
    reporters: ["default", new FailedTests()],
    globalSetup: "test/support/servers.ts",
    // Two cores are shared with the servers.
    maxWorkers: 2,
    projects: [
      { test: { name: "apollo-4", provide: { major: 4 }, ...behaviour } },
      {
        resolve: { alias: [{ find: /^@apollo\/client\//, replacement: "apollo-client-3/" }] },
        test: { name: "apollo-3", provide: { major: 3 }, ...behaviour },
      },
      { test: { name: "package", include: [PACKAGE], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});
