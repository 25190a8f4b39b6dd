/**
 * `npm test [-- PATTERN …]`: what CI runs. Everything, or only the test files whose path contains a
 * pattern. The last line is always the count.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { UNIT_TESTS, checksOf, runChecks } from "./checks.ts";
import { stopWithMe } from "./run-command.ts";
import { SUITES, UNIT, readSummary, runSuite, summaryFile } from "./suites.ts";
import { prepareMachine, testCache } from "./test-machine.ts";
import type { TestSummary } from "./vitest-reporter.ts";

stopWithMe();
const root = process.cwd();
const patterns = process.argv.slice(2);
process.env["BINDERY_TEST_CACHE"] = testCache();

prepareMachine();
const suites = patterns.length === 0 ? SUITES : [UNIT, ...SUITES];
const background = suites.filter(({ isBackground }) => isBackground === true);
const beside = background.map((suite) => runSuite(root, suite, patterns));
const summaries: TestSummary[] = patterns.length === 0 ? await check() : [];
for (const suite of suites) {
  if (!background.includes(suite)) summaries.push(await runSuite(root, suite, patterns));
}
summaries.push(...(await Promise.all(beside)));

const total = (count: keyof TestSummary) =>
  summaries.reduce((sum, summary) => sum + summary[count], 0);
const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];
if (skipped > 0) console.log(`\n${skipped} skipped; the reasons are above.`);
if (passed + failed === 0) console.log("\nNo test ran.");
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** The checks count one each, but for the unit tests, which count themselves. */
async function check(): Promise<TestSummary[]> {
  rmSync(join(root, summaryFile(UNIT.name)), { force: true });
  const results = await runChecks(root, checksOf(root), false);
  return results.map(({ name, isOk }) =>
    name === UNIT_TESTS
      ? readSummary(root, UNIT.name, isOk)
      : { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 },
  );
}
