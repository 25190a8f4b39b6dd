/** `npm run check [-- --fix]`: every quick check of the repository, in under a minute. */
import { checksOf, runChecks } from "./checks.ts";
import { stopWithMe } from "./run-command.ts";

stopWithMe();
const root = process.cwd();
const fix = process.argv.includes("--fix");
const checks = checksOf(root);
if (fix) {
  // One after another: two programs must not write to one file at once.
  const fixable = checks.filter((check) => check.fixArgv !== undefined);
  for (const check of fixable) await runChecks(root, [check], true);
}
const results = await runChecks(root, checks, false);
const failed = results.filter((result) => !result.isOk);
console.log(`\n${results.length - failed.length} of ${results.length} checks passed.`);
process.exit(failed.length > 0 ? 1 : 0);
