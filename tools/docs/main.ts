/** `npm run docs`: writes every generated page. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { REFERENCES } from "./references.ts";

const root = join(import.meta.dirname, "../..");
for (const { path, render } of REFERENCES) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), await render());
  console.log(`wrote ${path}`);
}
