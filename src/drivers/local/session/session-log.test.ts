/** The end of a log, whole characters only. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readLogEnd } from "./session-log.ts";

const directory = mkdtempSync(join(tmpdir(), "bindery-log-"));
const path = join(directory, "log");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  ["abcdef", 3, "def"],
  ["abcdef", 100, "abcdef"],
  ["abcdef", 0, ""],
  ["abcdef", -1, ""],
  ["aäöü", 5, "öü"],
  ["aäöü", 4, "öü"],
  ["x🙂y", 4, "y"],
  ["x🙂y", 5, "🙂y"],
  ["", 10, ""],
])("the end of %j in %i bytes is %j", async (text, bytes, end) => {
  writeFileSync(path, text);
  expect(await readLogEnd(path, bytes)).toBe(end);
});

it("is empty where there is no log yet", async () => {
  expect(await readLogEnd(join(directory, "none"), 10)).toBe("");
});
