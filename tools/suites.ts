/** The suites of tests, as a table: which Vitest project each runs, where its files are, its limit. */
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import type { TestSummary } from "./vitest-reporter.ts";

const MINUTE_MS = 60_000;

export interface Suite {
  readonly name: string;
  /** Where its tests are, from the root of the checkout. */
  readonly files: string;
  readonly limitMs: number;
  /** It only computes: it runs beside the others, in the time that they wait. */
  readonly isBackground?: boolean;
}

/** The unit tests belong to the check; they stand here for `npm test -- PATTERN`. */
export const UNIT: Suite = {
  name: "unit",
  files: "{src,tools}/**/*.test.ts",
  limitMs: 3 * MINUTE_MS,
};

/** In the order in which they run: quick ones first. */
export const SUITES: readonly Suite[] = [
  { name: "house", files: "test/*.test.ts", limitMs: 5 * MINUTE_MS },
  {
    name: "sim",
    files: "test/sim/**/*.test.ts",
    limitMs: 40 * MINUTE_MS,
    isBackground: true,
  },
  { name: "contract", files: "test/contract/**/*.test.ts", limitMs: 15 * MINUTE_MS },
  { name: "api", files: "test/api/**/*.test.ts", limitMs: 10 * MINUTE_MS },
  { name: "environments", files: "test/environments/**/*.test.ts", limitMs: 20 * MINUTE_MS },
  { name: "e2e", files: "test/e2e/**/*.test.ts", limitMs: 40 * MINUTE_MS },
];

export function summaryFile(suite: string): string {
  return `build/summary-${suite}.json`;
}

/** Runs the files of one suite whose path contains one of `patterns` (all files without any). */
export async function runSuite(
  root: string,
  suite: Suite,
  patterns: readonly string[],
): Promise<TestSummary> {
  const files = globSync(suite.files, { cwd: root });
  const wanted = files.filter((file) => isWanted(file, patterns));
  if (wanted.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const isBackground = suite.isBackground === true;
  const beside = isBackground ? ", beside the others" : "";
  console.log(`\n=== ${suite.name}: ${wanted.length} files${beside} ===`);
  const summary = summaryFile(suite.name);
  rmSync(join(root, summary), { force: true });
  const result = await runCommand({
    argv: ["node_modules/.bin/vitest", "run", "--project", suite.name, ...patterns],
    cwd: root,
    limitMs: suite.limitMs,
    env: { BINDERY_TEST_SUMMARY: summary },
    output: isBackground ? "collect" : "show",
    isBackground,
  });
  if (isBackground) console.log(`\n=== ${suite.name} ===\n${result.output}`);
  return readSummary(root, suite.name, result.isOk);
}

function isWanted(file: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
}

/** What a run wrote down; a run that did not end well has failed at least once, whatever it wrote. */
export function readSummary(root: string, suite: string, isOk: boolean): TestSummary {
  try {
    const summary: TestSummary = JSON.parse(readFileSync(join(root, summaryFile(suite)), "utf8"));
    return isOk ? summary : { ...summary, failed: Math.max(summary.failed, 1) };
  } catch (error) {
    console.log(`${suite}: crashed before it could count (${String(error)})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
