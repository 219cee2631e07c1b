/** A reporter whose last lines name every test that failed: whoever keeps only the end of an output keeps these. */

import { dirname, relative } from "node:path";
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from "vitest/node";

type Errors = readonly SerializedError[];

export class FailedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: Errors): void {
    const lines = [...modules.flatMap(failuresIn), ...unhandled.map((error) => line("outside of any test", [error]))];
    if (lines.length > 0) console.error(["Failed:", ...lines].join("\n  "));
  }
}

/** Tests, and what broke before or between them: an import, a hook. */
function failuresIn(module: TestModule): string[] {
  const { name, config } = module.project;
  const where = [name, relative(dirname(config.root), module.moduleId)].filter(Boolean).join(" ");
  const suites = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  const tests = [...module.children.allTests("failed")];
  return [
    ...suites.map((suite) => line([where, ...nameOf(suite)].join(" > "), suite.errors())),
    ...tests.map((test) => line(`${where} > ${test.fullName}`, errorsOf(test))),
  ];
}

const nameOf = (suite: TestModule | TestSuite) => (suite.type === "suite" ? [suite.fullName] : []);
const errorsOf = (test: TestCase) => test.result().errors ?? [];

function line(title: string, errors: Errors): string {
  const [message = ""] = (errors[0]?.message ?? "").split("\n");
  return `${title}: ${message}`;
}
