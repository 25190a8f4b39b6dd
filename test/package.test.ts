/** The package of this checkout works where npm puts it, with nothing but its own dependencies. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packTree } from "../tools/pack.ts";

const CHECKOUT = join(import.meta.dirname, "..");
let place = "";
const target = () => join(place, "node_modules/bindery");
const manifest = () => JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8"));

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "package-"));
  packTree(CHECKOUT, target());
  for (const name of Object.keys(manifest().dependencies)) {
    const link = join(place, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(CHECKOUT, "node_modules", name), link);
  }
});
afterAll(() => rmSync(place, { recursive: true }));

test("the program says its version", () => {
  const program = join(target(), "dist/cli/main.js");
  const output = execFileSync(program, ["version"], { encoding: "utf8" });
  expect(output).toContain(manifest().version);
});

test("every import leads to a file of the package, to Node or to a dependency", () => {
  const files = globSync("dist/**/*.js", { cwd: target(), exclude: ["**/assets/**"] });
  const lost = files.flatMap((file) =>
    ts
      .preProcessFile(readFileSync(join(target(), file), "utf8"))
      .importedFiles.map(({ fileName }) => fileName)
      .filter((specifier) => !leadsSomewhere(file, specifier))
      .map((specifier) => `${file}: ${specifier}`),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(lost).toEqual([]);
});

function leadsSomewhere(file: string, specifier: string): boolean {
  if (specifier.startsWith("#")) {
    return existsSync(join(target(), "dist", specifier.slice(1).replace(/\.ts$/, ".js")));
  }
  if (specifier.startsWith(".")) return existsSync(join(target(), dirname(file), specifier));
  if (isBuiltin(specifier)) return true;
  const words = specifier.split("/");
  return words.slice(0, specifier.startsWith("@") ? 2 : 1).join("/") in manifest().dependencies;
}
