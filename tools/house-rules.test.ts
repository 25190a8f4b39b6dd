/** Tests of the house rules: what each one catches, and what it lets pass. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaintsAbout, houseRules } from "./house-rules.ts";

const NOTHING = /^$/;
const off = (what: string) => `/** Why. */\n// ${what}\n`;

test.each([
  ["a file with its reason", "src/core/plan.ts", "/** Why. */\n", NOTHING],
  ["a reason over several lines", "src/core/plan.ts", "/**\n * Why.\n */\n", NOTHING],
  ["a program with its reason", "src/cli/main.ts", "#!/usr/bin/env node\n/** Why. */\n", NOTHING],
  ["a program without", "src/cli/main.ts", "#!/usr/bin/env node\n", /first line/],
  ["a file without a reason", "src/core/plan.ts", "import x;\n", /first line/],
  ["an empty reason", "src/core/plan.ts", "/** */\n", /first line/],
  ["an empty file", "src/core/plan.ts", "", /first line/],
  ["a style sheet without a reason", "web/page.css", "a {}\n", /first line/],
  ["a Python file with its reason", "src/drivers/local/a.py", '"""Why."""\n', NOTHING],
  ["a Python file without", "src/drivers/local/a.py", "import os\n", /first line/],
  ["300 lines", "src/core/plan.ts", `/** Why. */\n${"\n".repeat(299)}`, NOTHING],
  ["301 lines", "src/core/plan.ts", `/** Why. */\n${"\n".repeat(300)}`, /301 lines/],
  ["301 lines without a last line end", "src/a.ts", `/** Why. */${"\n".repeat(300)}a`, /301/],
  ["a file named utils", "src/core/utils.ts", "/** Why. */\n", /name says nothing/],
  ["a file named helpers", "tools/helpers.ts", "/** Why. */\n", /name says nothing/],
  ["a file named manager", "src/app/manager.ts", "/** Why. */\n", /name says nothing/],
  ["a file named index", "src/app/index.ts", "/** Why. */\n", /name says nothing/],
  ["a rule switched off", "src/a.ts", off("oxlint-disable-next-line no-var"), /Line 2/],
  ["a type error expected", "src/a.ts", off("@ts-expect-error"), /Line 2/],
  ["a type error ignored", "src/a.ts", off("@ts-ignore because"), /Line 2/],
  ["the formatter switched off", "src/a.ts", off("biome-ignore format:"), /Line 2/],
  ["a rule off, with why", "src/a.ts", off("oxlint-disable-next-line no-var -- why"), NOTHING],
  ["a type error expected, with why", "src/a.ts", off("@ts-expect-error: why"), NOTHING],
  ["the formatter off, with why", "src/a.ts", off("biome-ignore format: a table"), NOTHING],
  ["a kind of file without comments", "src/a.json", "{}", NOTHING],
])("%s", (_, file, text, expected) => {
  expect(complaintsAbout(file, text).join("\n")).toMatch(expected);
});

test("a source that Git ignores is named, for it would be in no commit", () => {
  const root = mkdtempSync(join(tmpdir(), "house-"));
  try {
    execFileSync("git", ["init", "--quiet"], { cwd: root });
    mkdirSync(join(root, "src/core/build"), { recursive: true });
    for (const [file, text] of [
      [".gitignore", "build/"],
      ["package.json", "{}"],
      ["package-lock.json", '{"packages":{}}'],
      ["src/core/plan.ts", "/** Why. */"],
      ["src/core/build/build.ts", "/** Why. */"],
    ] as const) {
      writeFileSync(join(root, file), text);
    }
    expect(houseRules(root)).toEqual([
      { file: "src/core/build/build.ts", message: "Git ignores this file." },
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
