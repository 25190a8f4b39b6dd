/** Counts what Vitest ran, for tools/test.ts, and says of every skipped test why it was skipped. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** What one run of Vitest found; `tools/test.ts` adds these up. */
export interface TestSummary {
  readonly passed: number;
  /** Tests that failed, files that could not be run, and errors outside of any test. */
  readonly failed: number;
  readonly skipped: number;
}

export class SummaryReporter implements Reporter {
  readonly #file: string | undefined;
  #isNarrowed = false;

  /** `file`: where the summary is written, as JSON; without it only the reasons are printed. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  onInit(vitest: Vitest): void {
    this.#isNarrowed = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = this.#isNarrowed ? [] : tests.filter((test) => stateOf(test) === "skipped");
    const unexplained = skipped.filter((test) => reasonOf(test) === undefined);
    for (const test of skipped) {
      console.log(`skipped: ${test.fullName}: ${reasonOf(test) ?? "NO REASON GIVEN"}`);
    }
    if (unexplained.length > 0) {
      console.log('A test that is skipped says why: `context.skip("reason")`.');
      process.exitCode = 1;
    }
    const broken = modules.filter((module) => module.errors().length > 0);
    const failed = tests.filter((test) => stateOf(test) === "failed");
    this.#write({
      passed: tests.filter((test) => stateOf(test) === "passed").length,
      failed: failed.length + broken.length + errors.length + unexplained.length,
      skipped: skipped.length - unexplained.length,
    });
  }

  #write(summary: TestSummary): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(summary));
  }
}

function stateOf(test: TestCase): string {
  return test.result().state;
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}
