/** Tests of packing: what comes out runs under node_modules, with its assets and no tests. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packTree } from "./pack.ts";

let root = "";
const target = () => join(root, "node_modules/bindery");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pack-"));
  const manifest = { name: "bindery", version: "1.2.3", dependencies: { fastify: "5.0.0" } };
  write("package.json", JSON.stringify({ ...manifest, devDependencies: { vitest: "4.0.0" } }));
  write("src/base/word.ts", 'export const word: string = "base";');
  write("src/cli/near.ts", "export interface Near { a: 1 }\nexport const near = 1 as number;");
  write("src/cli/late.ts", "export const late = 2;");
  write("src/cli/near.test.ts", "throw new Error();");
  write("src/cli/assets/start.py", "print()");
  write("web/page.css", "a {}");
  write("drills/quiet.yaml", "drill: quiet");
  write(
    "src/cli/main.ts",
    `#!/usr/bin/env node
/** Why. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { word } from "#base/word.ts";
import { type Near, near } from "./near.ts";
const { late } = await import("./late.ts");
const asset = readFileSync(join(import.meta.dirname, "assets/start.py"), "utf8");
const page = readFileSync(new URL("../../web/page.css", import.meta.url), "utf8");
export type Same = Near;
console.log([word, near, late, asset, page, process.argv[2]].join(" "));
`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("the program runs where npm puts it, with its assets", () => {
  packTree(root, target());
  const output = execFileSync(join(target(), "dist/cli/main.js"), ["word"], { encoding: "utf8" });
  expect(output).toBe("base 1 2 print() a {} word\n");
});

test("drills come along, where the program looks for them", () => {
  packTree(root, target());
  expect(readFileSync(join(target(), "drills/quiet.yaml"), "utf8")).toBe("drill: quiet");
});

test("tests and what only development needs stay behind", () => {
  packTree(root, target());
  expect(existsSync(join(target(), "dist/cli/near.test.js"))).toBe(false);
  const manifest = JSON.parse(readFileSync(join(target(), "package.json"), "utf8"));
  expect(manifest).toMatchObject({
    version: "1.2.3",
    bin: { bindery: "dist/cli/main.js" },
    engines: { node: ">=24" },
    dependencies: { fastify: "5.0.0" },
  });
  expect(manifest).not.toHaveProperty("devDependencies");
});

test("what an earlier run left is gone", () => {
  packTree(root, target());
  write("node_modules/bindery/dist/old.js", "");
  packTree(root, target());
  expect(existsSync(join(target(), "dist/old.js"))).toBe(false);
});

test("a source file that is named in a string would not be found, and is refused", () => {
  write("src/cli/child.ts", 'export const child = new URL("./near.ts", import.meta.url);');
  expect(() => packTree(root, target())).toThrow("src/cli/child.ts names ./near.ts");
});
