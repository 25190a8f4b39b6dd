/** Malformed repositories as a person meets them: a clear error on the command line, and no stack trace. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIB } from "#base/units.ts";
import { run } from "../fixtures/command-line.ts";
import { type Tree, writeFolder } from "../fixtures/git-repository.ts";

let place = "";
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "bindery-malformed-"));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const CASES: readonly (readonly [what: string, tree: Tree, code: string, says: RegExp])[] = [
  [
    "requirements of 200 MB",
    { "requirements.txt": "six\n".repeat((200 * MIB) / 4) },
    "config-invalid",
    /requirements\.txt.*limit/,
  ],
  [
    "a symbolic link out of the repository",
    { "requirements.txt": { symlink: "../../../etc/passwd" } },
    "repo-unsafe",
    /requirements\.txt/,
  ],
  [
    "a directory named postBuild",
    { "postBuild/run.sh": "echo\n" },
    "config-invalid",
    /postBuild is a directory/,
  ],
  [
    "a list where a mapping belongs",
    { "environment.yml": "- numpy\n- pandas\n" },
    "config-invalid",
    /environment\.yml:1: a mapping is expected/,
  ],
  ["bad YAML", { "environment.yml": "dependencies: [\n" }, "config-invalid", /environment\.yml:\d/],
  ["bad TOML", { "pyproject.toml": "[project\n" }, "config-invalid", /pyproject\.toml:1/],
  ["bad JSON", { "package.json": '{"dependencies": ' }, "config-invalid", /package\.json/],
  [
    "an encoding that is not UTF-8",
    { "requirements.txt": Buffer.from("six # caf\xe9\n", "latin1") },
    "config-invalid",
    /requirements\.txt.*UTF-8/,
  ],
  ["shell text in apt.txt", { "apt.txt": "jq; id\n" }, "config-invalid", /apt\.txt:1: .*shell/],
  [
    "two binder directories",
    { "binder/a": "a", ".binder/b": "b" },
    "config-conflict",
    /\.binder\/ and binder\//,
  ],
];

describe("bindery explain of", () => {
  it.each(CASES)("%s", async (what, tree, code, says) => {
    const folder = join(place, what.replaceAll(" ", "-"));
    await writeFolder(folder, tree);
    const words = ["explain", folder, "--data-dir", join(place, "data")];
    const person = await run(words);
    expect(person.code).not.toBe(0);
    expect(person.error).toMatch(says);
    expect(person.error + person.out).not.toMatch(/\n\s+at |node:internal|\.ts:\d/);
    const json = await run([...words, "--json"]);
    expect(JSON.stringify(json.json())).toContain(code);
  });
});
