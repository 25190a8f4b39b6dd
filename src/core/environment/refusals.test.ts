/** Files that decide what is installed and cannot be used are refused by name. */
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../errors.ts";
import { planEnvironment } from "./plan-environment.ts";
import { type Files, OPTIONS, PROJECT, snapshotOf } from "./planning-in-tests.ts";

describe("what is refused", () => {
  test.each<[string, Files, ErrorCode, RegExp]>([
    [
      "two binder directories",
      { "binder/a": "", ".binder/b": "" },
      "config-conflict",
      /\.binder\/ and binder\//,
    ],
    ["REQUIRE", { REQUIRE: "julia" }, "config-unsupported", /^REQUIRE /],
    ["uv.lock alone", { "uv.lock": "" }, "config-unsupported", /^uv\.lock /],
    [
      "runtime.txt that is nothing",
      { "runtime.txt": "snake" },
      "config-invalid",
      /^runtime\.txt:1: /,
    ],
    [
      "runtime.txt of two lines",
      { "runtime.txt": "3.12\n3.13" },
      "config-invalid",
      /^runtime\.txt:2: /,
    ],
    [
      "a Python that never was",
      { "runtime.txt": "python-2.7" },
      "python-unavailable",
      /3\.11, 3\.12, 3\.13/,
    ],
    [
      "runtime.txt against requires-python",
      { "runtime.txt": "python-3.11", "pyproject.toml": `${PROJECT}requires-python = ">=3.12"` },
      "config-conflict",
      /runtime\.txt .*3\.11.*pyproject\.toml/,
    ],
    [
      "requires-python that is no range",
      { "pyproject.toml": `${PROJECT}requires-python = "new"` },
      "config-invalid",
      /^pyproject\.toml:5: requires-python/,
    ],
    [
      "broken TOML",
      { "pyproject.toml": "[project]\nname = " },
      "config-invalid",
      /^pyproject\.toml:2: /,
    ],
    [
      "[project] that is a list",
      { "pyproject.toml": "project = []" },
      "config-invalid",
      /must be a table/,
    ],
    [
      "dependencies that are a table",
      { "pyproject.toml": "[project.dependencies]\nsix = '1'" },
      "config-invalid",
      /must be a list/,
    ],
    [
      "a dependency that is no requirement",
      { "pyproject.toml": '[project]\ndependencies = [\n  "six",\n  "a b c"]' },
      "config-invalid",
      /^pyproject\.toml:4: /,
    ],
    [
      "a uv source of a workspace without a lock",
      { "pyproject.toml": `${PROJECT}[tool.uv.sources]\nsix = { workspace = true }` },
      "config-unsupported",
      /uv\.lock/,
    ],
    [
      "a malformed requirement",
      { "requirements.txt": "six\nnumpy=1" },
      "config-invalid",
      /^requirements\.txt:2: /,
    ],
    [
      "an include that is not there",
      { "requirements.txt": "-r a.txt" },
      "config-invalid",
      /^requirements\.txt:1: there is no "a\.txt"/,
    ],
    [
      "an include that leads out",
      { "requirements.txt": "-r ../a.txt" },
      "config-invalid",
      /out of the repository/,
    ],
    [
      "an include through a link that leads out",
      { "requirements.txt": "-r a.txt", "a.txt": "@/etc/passwd" },
      "config-invalid",
      /out of the repository/,
    ],
    [
      "an include from the web",
      { "requirements.txt": "-r https://example.org/a.txt" },
      "config-unsupported",
      /outside the repository/,
    ],
    [
      "includes in a circle",
      { "requirements.txt": "-r a.txt", "a.txt": "-r requirements.txt" },
      "config-invalid",
      /^a\.txt:1: .*includes itself/,
    ],
    [
      "a link to itself",
      { "requirements.txt": "@requirements.txt" },
      "config-invalid",
      /out of the repository/,
    ],
    [
      "a project that is none",
      { "requirements.txt": "./lib", "lib/a.py": "" },
      "config-invalid",
      /neither pyproject\.toml nor setup\.py/,
    ],
    [
      "a project that is not there",
      { "requirements.txt": "-e ./lib" },
      "config-invalid",
      /there is no/,
    ],
    [
      "a project above the repository",
      { "requirements.txt": "-e .." },
      "config-invalid",
      /out of the repository/,
    ],
    ["requirements that are not text", { "requirements.txt": null }, "config-invalid", /UTF-8/],
    [
      "requirements of 200 MB",
      { "requirements.txt": "a\n".repeat(60_000) },
      "config-invalid",
      /the limit is 100000/,
    ],
    [
      "a directory named postBuild",
      { "postBuild/a": "" },
      "config-invalid",
      /^postBuild is a directory/,
    ],
    [
      "a directory named environment.yml",
      { "environment.yml/a": "" },
      "config-invalid",
      /^environment\.yml is a directory/,
    ],
    [
      "environment.yml that leads out",
      { "environment.yml": "@/etc/passwd" },
      "config-invalid",
      /^environment\.yml is a link that leads out/,
    ],
    ["a directory named start", { "start/a": "" }, "config-invalid", /^start is a directory/],
    [
      "a directory named requirements.txt",
      { "requirements.txt/a": "" },
      "config-invalid",
      /^requirements\.txt is a directory/,
    ],
    ["postBuild that leads out", { postBuild: "@../x" }, "config-invalid", /leads out/],
    ["poetry.lock alone", { "poetry.lock": "" }, "config-unsupported", /^poetry\.lock .*pyproject/],
  ])("%s", (_, files, code, message) => {
    const outcome = planEnvironment(snapshotOf(files), OPTIONS);
    expect(outcome).toMatchObject({
      kind: "refused",
      failure: { code, message: expect.stringMatching(message) },
    });
  });
});
