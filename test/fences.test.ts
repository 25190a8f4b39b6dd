/** Every fence of the architecture catches what it is for: one violation of each, planted. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checksOf, runCheck } from "../tools/checks.ts";
import type { CheckResult } from "../tools/checks.ts";
import { CLEAN, PLANTED_TOO, PLANTS } from "./fences/plants.ts";
import type { Tree } from "./fences/plants.ts";

const CHECKOUT = join(import.meta.dirname, "..");
const CONFIGURATION = [
  ".gitignore",
  ".dependency-cruiser.mjs",
  ".oxlintrc.json",
  "biome.json",
  "knip.json",
  "package-lock.json",
  "package.json",
  "src/core/tsconfig.json",
  "tools/house-rules.ts",
  "tools/lock-file.ts",
  "tsconfig.json",
];

const CHECKS = [...new Set(PLANTS.map((plant) => plant.check))];
const folders: string[] = [];

function plantCheckout(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), "fences-"));
  folders.push(root);
  for (const file of CONFIGURATION) cpSync(join(CHECKOUT, file), join(root, file));
  symlinkSync(join(CHECKOUT, "node_modules"), join(root, "node_modules"));
  for (const [file, source] of Object.entries(tree)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), `/** Planted. */\n${source}\n`);
  }
  return root;
}

async function runAll(root: string): Promise<ReadonlyMap<string, CheckResult>> {
  const checks = checksOf(root).filter((check) => CHECKS.includes(check.name));
  const results = new Map<string, CheckResult>();
  for (const check of checks) results.set(check.name, await runCheck(root, check));
  return results;
}

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

describe("where nothing is wrong", () => {
  test("no fence complains", async () => {
    const results = await runAll(plantCheckout(CLEAN));
    expect([...results.values()].filter((result) => !result.isOk)).toEqual([]);
    expect(results.size).toBe(CHECKS.length);
  });

  test("the layers are not proved by looking at nothing", async () => {
    const root = plantCheckout({ "tools/elsewhere.ts": "export {};" });
    const results = await runAll(root);
    expect(results.get("layers")?.isOk).toBe(false);
  });
});

describe("caught:", () => {
  let results: ReadonlyMap<string, CheckResult> = new Map();

  beforeAll(async () => {
    const planted = Object.fromEntries(PLANTS.map(({ file, source }) => [file, source]));
    results = await runAll(plantCheckout({ ...CLEAN, ...PLANTED_TOO, ...planted }));
  });

  test.each(PLANTS)("$what ($file)", ({ file, check, says }) => {
    const result = results.get(check);
    expect(result?.isOk).toBe(false);
    const lines = result?.output.split("\n") ?? [];
    const expected = new RegExp(says.replace("FILE", file));
    expect(lines.filter((line) => expected.test(line))).not.toEqual([]);
  });
});

test("caught: a file that nothing reaches, and an export that nothing uses", async () => {
  const root = plantCheckout({
    "src/cli/main.ts": 'import { used } from "./used.ts";\nused();',
    "src/cli/used.ts": "export function used(): void {}\nexport function unused(): void {}",
    "src/cli/unreached.ts": "export const x = 1;",
  });
  const check = checksOf(root).find(({ name }) => name === "dead code");
  const result = check === undefined ? undefined : await runCheck(root, check);
  expect(result?.isOk).toBe(false);
  expect(result?.output).toMatch(/^Unused files[^]*src\/cli\/unreached\.ts/m);
  expect(result?.output).toMatch(/^unused +function +src\/cli\/used\.ts/m);
  expect(result?.output).not.toMatch(/^used /m);
});
