/** `npm test` counts right: what fails, crashes or is skipped never looks like success. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const CHECKOUT = join(import.meta.dirname, "..");
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "runner-"));
  for (const name of ["tools", "vitest.config.ts", "package.json"]) {
    cpSync(join(CHECKOUT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, "node_modules"), join(root, "node_modules"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes a file of tests; `t` and `expect` are Vitest's. */
function tests(path: string, source: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), `import { test as t, expect } from "vitest";\n${source}`);
}

async function npmTest(...patterns: readonly string[]) {
  const child = spawn(process.execPath, ["tools/test.ts", ...patterns], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1", BINDERY_TEST_CACHE: join(root, "cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += String(bytes)));
  const [status] = await once(child, "close");
  return { status: Number(status), output, lastLine: output.trimEnd().split("\n").at(-1) };
}

test("tests that pass are counted over all suites", async () => {
  tests("test/api/a.test.ts", 't("one", () => {}); t("two", () => {});');
  tests("test/contract/wanted.test.ts", 't("three", () => {});');
  tests("test/contract/other.test.ts", 't("not asked for", () => {});');
  const { status, lastLine } = await npmTest("api", "wanted");
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: "3 passed, 0 failed" });
});

test("one failure fails everything", async () => {
  tests("test/api/a.test.ts", 't("one", () => {}); t("two", () => expect(1).toBe(2));');
  const { status, lastLine } = await npmTest("api");
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: "1 passed, 1 failed" });
});

test("a file that cannot be loaded, and an error outside of a test, are failures", async () => {
  tests("test/api/a.test.ts", 't("one", () => {});');
  tests("test/api/broken.test.ts", 'throw new Error("broken");');
  tests("test/api/late.test.ts", 't("two", () => { void Promise.reject(new Error("late")); });');
  const { status, lastLine } = await npmTest("api");
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: "2 passed, 2 failed" });
});

test("a runner that dies is a failure", async () => {
  tests("test/api/a.test.ts", 't("one", () => { process.kill(process.ppid, "SIGKILL"); });');
  const { status, lastLine } = await npmTest("api");
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: "0 passed, 1 failed" });
});

test("a skipped test says why", async () => {
  tests("test/api/a.test.ts", 't("one", () => {}); t("two", (c) => c.skip("no moon tonight"));');
  const { status, output, lastLine } = await npmTest("api");
  expect(output).toContain("skipped: two: no moon tonight");
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: "1 passed, 0 failed" });
});

test("a test that is skipped without a reason is a failure", async () => {
  tests("test/api/a.test.ts", 't("one", () => {}); t.skip("two", () => {});');
  const { status, output, lastLine } = await npmTest("api");
  expect(output).toContain("skipped: two: NO REASON GIVEN");
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: "1 passed, 1 failed" });
});

test("nothing that ran is a failure", async () => {
  tests("test/api/a.test.ts", 't("one", () => {});');
  const { status, output, lastLine } = await npmTest("no-such-test");
  expect(output).toContain("No test ran.");
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: "0 passed, 0 failed" });
});
