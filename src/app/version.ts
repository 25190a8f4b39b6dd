/** Which Bindery this is. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert } from "#base/assert.ts";

/** From the package's own manifest, wherever above this file it lies. */
export function binderyVersion(): string {
  let directory = import.meta.dirname;
  for (;;) {
    const manifest = manifestIn(directory);
    if (manifest?.name === "bindery") return manifest.version;
    const parent = dirname(directory);
    assert(parent !== directory, "the manifest of Bindery lies above its code");
    directory = parent;
  }
}

function manifestIn(directory: string): { readonly name: string; readonly version: string } | null {
  try {
    return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
