/** Which tests there are: one project per kind, each in its own place. None is ever retried. */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./tools/vitest-reporter.ts";

const SECOND_MS = 1000;

interface Kind {
  readonly name: string;
  readonly include: string[];
  /** For one test, and for one hook. */
  readonly limitMs: number;
  /** False where one file uses every processor already. */
  readonly fileParallelism: boolean;
  /** False where files leave nothing behind: a process for each would take longer than its tests. */
  readonly isolate?: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "unit",
    include: ["src/**/*.test.ts", "tools/**/*.test.ts"],
    limitMs: 10 * SECOND_MS,
    fileParallelism: true,
    isolate: false,
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
    fileParallelism: true,
  },
  {
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    limitMs: 300 * SECOND_MS,
    fileParallelism: true,
  },
];

export default defineConfig({
  test: {
    // Vitest leaves one processor free otherwise: of two, half.
    maxWorkers: availableParallelism(),
    reporters: ["default", new SummaryReporter(process.env["BINDERY_TEST_SUMMARY"])],
    projects: KINDS.map(({ limitMs, ...kind }) => ({
      test: { ...kind, testTimeout: limitMs, hookTimeout: limitMs, retry: 0 },
    })),
  },
});
