/** Which tests there are: one project per kind, each in its own place. None is ever retried. */
import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./tools/vitest-reporter.ts";

const SECOND_MS = 1000;

interface Kind {
  readonly name: string;
  readonly include: string[];
  /** For one test, and for one hook. */
  readonly limitMs: number;
  /** False where a file needs the machine for itself: browsers, whole servers. */
  readonly fileParallelism: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "unit",
    include: ["src/**/*.test.ts", "tools/**/*.test.ts"],
    limitMs: 10 * SECOND_MS,
    fileParallelism: true,
  },
  {
    name: "house",
    include: ["test/*.test.ts"],
    limitMs: 120 * SECOND_MS,
    fileParallelism: true,
  },
  {
    name: "sim",
    include: ["test/sim/**/*.test.ts"],
    limitMs: 900 * SECOND_MS,
    // Each of its tests uses every processor already.
    fileParallelism: false,
  },
  {
    name: "contract",
    include: ["test/contract/**/*.test.ts"],
    limitMs: 60 * SECOND_MS,
    fileParallelism: true,
  },
  {
    name: "api",
    include: ["test/api/**/*.test.ts"],
    limitMs: 60 * SECOND_MS,
    fileParallelism: true,
  },
  {
    name: "environments",
    include: ["test/environments/**/*.test.ts"],
    limitMs: 300 * SECOND_MS,
    fileParallelism: false,
  },
  {
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    limitMs: 300 * SECOND_MS,
    fileParallelism: false,
  },
];

export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter(process.env["BINDERY_TEST_SUMMARY"])],
    projects: KINDS.map(({ limitMs, ...kind }) => ({
      test: { ...kind, testTimeout: limitMs, hookTimeout: limitMs, retry: 0 },
    })),
  },
});
