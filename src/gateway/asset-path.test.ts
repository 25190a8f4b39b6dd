/** Which addresses mean files of a shared server, and that no other path can be reached. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { assetFile, assetName } from "./asset-path.ts";

test.each([
  ["lab/main.efd36b46f3b45eb8.js", "text/javascript; charset=utf-8"],
  ["lab/0031b1860ea4ad75.woff2", "font/woff2"],
  ["notebook/1.css", "text/css; charset=utf-8"],
  [
    "extensions/@jupyter-notebook/lab-extension/static/remoteEntry.js",
    "text/javascript; charset=utf-8",
  ],
  ["extensions/%40jupyter-notebook/lab-extension/package.json", "application/json; charset=utf-8"],
])("%s is an asset of type %s", (path, contentType) => {
  expect(assetName(path)?.contentType).toBe(contentType);
});

test.each([
  "lab",
  "lab/",
  "lab/../../secret.js",
  "lab/%2e%2e/secret.js",
  "lab/..%2fsecret.js",
  "lab/.hidden.js",
  "lab//x.js",
  "lab/a\\b.js",
  "lab/index.html",
  "lab/no-extension",
  "lab/x.py",
  "__proto__/x.js",
  "constructor/x.js",
  "other/x.js",
  `lab/${"a/".repeat(20)}x.js`,
])("%s is none", (path) => {
  expect(assetName(path)).toBeNull();
});

test("files are found where a virtual environment keeps them, whatever its Python", async () => {
  const environment = await mkdtemp(join(tmpdir(), "bindery-assets-"));
  onTestFinished(() => rm(environment, { recursive: true }));
  const notebook = assetName("notebook/main.js");
  const lab = assetName("lab/main.js");
  if (notebook === null || lab === null) throw new Error("both are assets");
  expect(await assetFile(environment, notebook)).toBeNull();
  await mkdir(join(environment, "lib/python3.11"), { recursive: true });
  expect(await assetFile(environment, notebook)).toBe(
    join(environment, "lib/python3.11/site-packages/notebook/static/main.js"),
  );
  expect(await assetFile(environment, lab)).toBe(
    join(environment, "share/jupyter/lab/static/main.js"),
  );
});
