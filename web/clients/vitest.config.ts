import { defineConfig } from "vitest/config";
import { FailedTests } from "../failed-tests";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What must come may take its time on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", new FailedTests()],
    globalSetup: "test/support/servers.ts",
  },
});
