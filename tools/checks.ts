/** The checks of the repository itself, as a table: what each runs and how long it may take. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { summaryFile } from "./suites.ts";

const SECOND_MS = 1000;
const CHECK_LIMIT_MS = 180 * SECOND_MS;

export interface Check {
  readonly name: string;
  readonly argv: readonly string[];
  readonly fixArgv?: readonly string[];
  /** What a run that looked at something says; one that looked at nothing has checked nothing. */
  readonly proof?: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** The check that counts its own tests. */
export const UNIT_TESTS = "unit tests";

export interface CheckResult {
  readonly name: string;
  readonly isOk: boolean;
  readonly output: string;
  readonly durationMs: number;
}

/** The checks for the checkout at `root`, longest first. */
export function checksOf(root: string): readonly Check[] {
  const bin = (name: string) => join(root, "node_modules", ".bin", name);
  const there = (names: readonly string[]) => names.filter((name) => existsSync(join(root, name)));
  const types = (project: string): Check => ({
    name: `types: ${project}`,
    argv: [
      bin("tsc"),
      "--project",
      project,
      "--incremental",
      "--tsBuildInfoFile",
      `build/${project.replaceAll("/", "-")}.tsbuildinfo`,
    ],
  });
  const projects = ["tsconfig.json", "src/core/tsconfig.json", ...there(["web/tsconfig.json"])];
  return [
    ...projects.map(types),
    {
      name: UNIT_TESTS,
      argv: [bin("vitest"), "run", "--project", "unit"],
      env: { BINDERY_TEST_SUMMARY: summaryFile("unit") },
    },
    { name: "dead code", argv: [bin("knip"), "--no-progress"] },
    {
      name: "layers",
      argv: [bin("depcruise"), "--config", ".dependency-cruiser.mjs", ...there(["src", "web"])],
      proof: /\D[1-9]\d* modules, [1-9]\d* dependencies cruised/,
    },
    {
      name: "lint",
      argv: [bin("oxlint"), "--format", "unix"],
      fixArgv: [bin("oxlint"), "--format", "unix", "--fix"],
    },
    {
      name: "house rules",
      argv: [process.execPath, "tools/house-rules.ts"],
      fixArgv: [process.execPath, "tools/house-rules.ts", "--fix"],
    },
    {
      name: "format",
      argv: [bin("biome"), "format", "--reporter=summary"],
      fixArgv: [bin("biome"), "format", "--write"],
      proof: /Checked [1-9]\d* files/,
    },
  ];
}

/** Runs one check in `root`. */
export async function runCheck(root: string, check: Check, fix = false): Promise<CheckResult> {
  const argv = (fix ? check.fixArgv : undefined) ?? check.argv;
  const result = await runCommand({
    argv,
    cwd: root,
    limitMs: CHECK_LIMIT_MS,
    env: { ...check.env, NO_COLOR: "1" },
    output: "collect",
  });
  const isProven = check.proof?.test(result.output) ?? true;
  const complaint =
    result.isOk && !isProven ? "It looked at nothing, so it has proved nothing.\n" : "";
  return {
    name: check.name,
    isOk: result.isOk && isProven,
    output: result.output + complaint,
    durationMs: result.durationMs,
  };
}

/** Runs the checks, as many at a time as there are cores, and prints a line for each as it ends. */
export async function runChecks(
  root: string,
  checks: readonly Check[],
  fix: boolean,
): Promise<readonly CheckResult[]> {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const result = await runCheck(root, check, fix);
      results.push(result);
      const seconds = (result.durationMs / SECOND_MS).toFixed(1).padStart(5);
      console.log(`${result.isOk ? "ok    " : "FAILED"} ${seconds} s  ${result.name}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  for (const { name, output } of results.filter((result) => !result.isOk)) {
    console.log(`\n--- ${name} ---\n${output.trim()}`);
  }
  return results;
}
