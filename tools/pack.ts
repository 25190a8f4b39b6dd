/**
 * `npm run package`: makes `build/bindery-VERSION.tgz`, which npm installs anywhere. Node runs
 * TypeScript in a checkout but refuses to under node_modules, so the package carries JavaScript.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import ts from "typescript";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const PROGRAM = "dist/cli/main.js";
const NODE_MIN = ">=24";
const FIRST_LINE = "#!/usr/bin/env -S node --disable-warning=ExperimentalWarning\n";

/** What stays in the checkout. */
const DEVELOPMENT_FILE = /\.test\.ts$|\.d\.m?ts$|(^|\/)tsconfig\.json$|__pycache__/;

/** The JavaScript of a source file: types gone, `./x.ts` now `./x.js`, `#layer/x.ts` as it is. */
export function compile(source: string): string {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  return outputText;
}

/** The package.json of the package; `#layer/x.ts` leads to the JavaScript. */
export function packedManifest(manifest: Manifest): object {
  const { name, version, description, license, dependencies } = manifest;
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines: { node: NODE_MIN },
    bin: { [name]: PROGRAM },
    imports: { "#*.ts": "./dist/*.js", "#*": "./dist/*" },
    dependencies,
  };
}

/** Fills `target` with the package of the checkout at `root`. */
export function packTree(root: string, target: string): void {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  rmSync(target, { recursive: true, force: true });
  const files = globSync("src/**/*", { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(root, "src"), join(entry.parentPath, entry.name)))
    .filter((file) => !DEVELOPMENT_FILE.test(file));
  for (const file of files) packFile(join(root, "src"), join(target, "dist"), file);
  for (const extra of ["web", "drills", "README.md", "LICENSE"]) {
    if (existsSync(join(root, extra))) {
      const filter = (file: string) => !DEVELOPMENT_FILE.test(file);
      cpSync(join(root, extra), join(target, extra), { recursive: true, filter });
    }
  }
  const program = join(target, PROGRAM);
  writeFileSync(program, FIRST_LINE + readFileSync(program, "utf8").replace(/^#!.*\n/, ""));
  chmodSync(program, 0o755);
  const manifestText = JSON.stringify(packedManifest(manifest), null, 2);
  writeFileSync(join(target, "package.json"), `${manifestText}\n`);
}

function packFile(from: string, to: string, file: string): void {
  const target = join(to, file);
  mkdirSync(dirname(target), { recursive: true });
  if (extname(file) !== ".ts") {
    cpSync(join(from, file), target);
    return;
  }
  const script = compile(readFileSync(join(from, file), "utf8"));
  for (const [, path = ""] of script.matchAll(/["'`](\.{0,2}[\w/.-]*\.ts)["'`]/g)) {
    if (path.startsWith(".") && existsSync(join(from, dirname(file), path))) {
      throw new Error(`src/${file} names ${path} in a string, which is not there in the package.`);
    }
  }
  writeFileSync(target.replace(/\.ts$/, ".js"), script);
}

function main(root: string): void {
  const target = join(root, "build/package");
  packTree(root, target);
  const words = ["pack", target, "--pack-destination", join(root, "build"), "--loglevel=error"];
  const { status } = spawnSync("npm", words, { stdio: ["ignore", "inherit", "inherit"] });
  process.exit(status ?? 1);
}

if (import.meta.main) main(process.cwd());
