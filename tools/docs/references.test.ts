/** The generated pages are what would be generated now. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REFERENCES } from "./references.ts";

describe("generated reference", () => {
  it.each(REFERENCES)("$path is up to date (else: npm run docs)", async ({ path, render }) => {
    const written = await readFile(join(import.meta.dirname, "../..", path), "utf8");
    expect(written).toBe(await render());
  });
});
