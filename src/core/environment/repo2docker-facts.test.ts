/** facts/environments.md, section 1: what repo2docker does, and what is done here. One row a sentence. */
import { describe, expect, test } from "vitest";
import { planEnvironment } from "./plan-environment.ts";
import {
  BUILD,
  type Files,
  OPTIONS,
  PROJECT,
  planOf,
  snapshotOf,
  wordsOf,
} from "./planning-in-tests.ts";

const PY = "python 3.12";
const CONDA = ["conda environment environment.yml", "channel conda-forge"];

describe("as repo2docker does it", () => {
  test.each<[string, Files, readonly string[]]>([
    [
      ".binder/ hides the root",
      { ".binder/requirements.txt": "a", "requirements.txt": "b" },
      [PY, "a"],
    ],
    [
      "binder/ hides the root",
      { "binder/requirements.txt": "a", "requirements.txt": "b" },
      [PY, "a"],
    ],
    [
      "binder/ hides it even without configuration",
      { "binder/README": "", Dockerfile: "FROM x" },
      [PY],
    ],
    ["setup.py in binder/ does not count", { "binder/setup.py": "" }, [PY]],
    ["DESCRIPTION in binder/ does not count", { "binder/DESCRIPTION": "Package: x" }, [PY]],
    [
      "1.2: a Dockerfile wins over everything",
      { Dockerfile: "FROM x", "Project.toml": "", "environment.yml": "", start: "x" },
      ["dockerfile Dockerfile"],
    ],
    [
      "1.2: Julia with conda, pip and setup.py, without a Pipfile",
      {
        "Project.toml": "",
        "environment.yml": "dependencies: [numpy]",
        "requirements.txt": "six",
        "setup.py": "",
        Pipfile: "[packages]\nx = '*'",
        "apt.txt": "git",
        postBuild: "x",
      },
      [
        "apt git",
        ...CONDA,
        "numpy",
        "six",
        "julia 1.12 Project.toml",
        "project .",
        "run postBuild",
      ],
    ],
    [
      "1.2: Julia with the Python of runtime.txt",
      { "Project.toml": "", "runtime.txt": "python-3.11" },
      ["python 3.11", "julia 1.12 Project.toml"],
    ],
    [
      "1.2: Nix wins over R and Python",
      { "default.nix": "", "install.R": "", Pipfile: "" },
      ["nix default.nix"],
    ],
    [
      "1.2: conda wins over every file of pip",
      {
        "environment.yml": "dependencies: [numpy]",
        "requirements.txt": "a",
        Pipfile: "",
        "setup.py": "",
        "pyproject.toml": PROJECT + BUILD,
      },
      [...CONDA, "numpy"],
    ],
    [
      "1.2: a Pipfile wins over requirements.txt and setup.py",
      { Pipfile: "[packages]\nsix = '*'", "requirements.txt": "a", "setup.py": "" },
      [PY, "six"],
    ],
    ["1.2: nothing at all is a Python", {}, [PY]],
    [
      "apt.txt: comments anywhere, sorted",
      { "apt.txt": "vim # x\ngit" },
      ["apt git", "apt vim", PY],
    ],
    [
      "environment.yml before environment.yaml",
      { "environment.yml": "dependencies: [a]", "environment.yaml": "dependencies: [b]" },
      [...CONDA, "a"],
    ],
    [
      "requirements.txt, then a packaged project",
      { "requirements.txt": "six", "pyproject.toml": PROJECT + BUILD },
      [PY, "six", "attrs>=20", "six", "project ."],
    ],
    ["runtime.txt: python-x.y", { "runtime.txt": "python-3.11" }, ["python 3.11"]],
    [
      "runtime.txt: a day of Python is ignored",
      { "runtime.txt": "python-3.11-2024-01-01" },
      ["python 3.11"],
    ],
    ["runtime.txt: r-YYYY-MM-DD", { "runtime.txt": "r-2024-01-01" }, [PY, "r 4.4 of 2024-01-01"]],
    ["postBuild alone", { postBuild: "x" }, [PY, "run postBuild"]],
    ["start changes nothing of what is built", { start: "x" }, [PY]],
  ])("%s", (_, files, words) => {
    expect(wordsOf(planOf(files))).toEqual(words);
  });
});

describe("otherwise than repo2docker, and the plan says so", () => {
  test.each<[string, Files, readonly string[], RegExp]>([
    [
      "install.R alone",
      { "install.R": "" },
      [PY, "r 4.4 of today", "install.R install.R"],
      /install\.R/,
    ],
    ["r-4.3 without a day", { "runtime.txt": "r-4.3" }, [PY, "r 4.3 of today"], /without a day/],
    [
      "[project] without [build-system]",
      { "pyproject.toml": PROJECT },
      [PY, "attrs>=20", "six"],
      /no \[build-system\]/,
    ],
    [
      "poetry",
      { "pyproject.toml": "[tool.poetry.dependencies]\nsix = '*'" },
      [PY, "six"],
      /tool\.poetry/,
    ],
    [
      "uv.lock",
      { "pyproject.toml": PROJECT + BUILD, "uv.lock": "" },
      [PY, "lock of .", "project ."],
      /uv\.lock; it resolves the project anew/,
    ],
    [
      "pylock.toml",
      { "pylock.toml": "lock-version = '1.0'" },
      [PY, "lock of ."],
      /pylock\.toml and would build a bare Python/,
    ],
    [
      "pixi.toml",
      { "pixi.toml": "[dependencies]\na = '*'" },
      ["conda environment pixi.toml", "channel conda-forge", "a *"],
      /pixi\.toml/,
    ],
    [
      "conda-lock.yml",
      { "conda-lock.yml": "" },
      ["conda conda-lock conda-lock.yml"],
      /conda-lock\.yml/,
    ],
    [".python-version", { ".python-version": "3.11" }, ["python 3.11"], /\.python-version/],
    [
      "renv.lock",
      { "renv.lock": '{"R":{"Version":"4.3.1"}}' },
      [PY, "r 4.3.1 of today", "renv.lock renv.lock"],
      /renv\.lock/,
    ],
    ["flake.nix", { "flake.nix": "" }, ["nix flake.nix"], /flake\.nix/],
    [
      "package.json",
      { "package.json": '{"dependencies":{"a":"1"}}' },
      [PY, "npm install ."],
      /package\.json/,
    ],
    [
      "devcontainer.json",
      { ".devcontainer.json": '{"image":"x"}' },
      ["image x"],
      /devcontainer\.json/,
    ],
    [
      "dependency groups",
      { "pyproject.toml": "[dependency-groups]\nnotebooks = ['six']" },
      [PY, "six"],
      /pyproject\.toml/,
    ],
  ])("%s", (_, files, words, sentence) => {
    const plan = planOf(files);
    expect(wordsOf(plan)).toEqual(words);
    expect(plan.differsFromRepo2docker.join("\n")).toMatch(sentence);
  });
});

describe("where repo2docker stops with an error of Python, or goes on wrongly", () => {
  test.each<[string, Files, string]>([
    ["python-3.12.4", { "runtime.txt": "python-3.12.4" }, "python 3.12.4"],
    ["3.12", { "runtime.txt": "3.12" }, PY],
    ["python 3.12", { "runtime.txt": "python 3.12" }, PY],
    [">=3.11", { "runtime.txt": ">=3.11" }, PY],
    [
      "requires-python with a patch release",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.10.2"` },
      PY,
    ],
    [
      "a Python of conda in a range",
      { "environment.yml": "dependencies: ['python>=3.11']" },
      "python >=3.11",
    ],
    [
      "a Python of conda with a space",
      { "environment.yml": "dependencies: [python 3.12]" },
      "python 3.12.*",
    ],
    [
      "a Python of conda with its channel",
      { "environment.yml": "dependencies: ['conda-forge::python=3.12']" },
      "conda-forge::python 3.12.*",
    ],
    [
      "a wheel of the repository",
      { "requirements.txt": "w/x.whl", "w/x.whl": null },
      "archive w/x.whl",
    ],
    [
      "a directory of the repository",
      { "requirements.txt": "lib/pkg", "lib/pkg/setup.py": "" },
      "project lib/pkg",
    ],
    [
      "Julia of either version",
      { "Project.toml": '[compat]\njulia = "1.9, 1.10"' },
      "julia 1.12 Project.toml",
    ],
    [
      "exactly one Julia",
      { "Project.toml": '[compat]\njulia = "=1.10.4"' },
      "julia 1.10.4 Project.toml",
    ],
  ])("%s is understood", (_, files, word) => {
    expect(wordsOf(planOf(files))).toContain(word);
  });

  test.each<[string, Files, RegExp]>([
    ["both binder directories", { "binder/a": "", ".binder/a": "" }, /\.binder\/ and binder\//],
    ["shell text in apt.txt", { "apt.txt": "vim; echo pwned > /etc/x" }, /^apt\.txt:1: /],
    ["an option in apt.txt", { "apt.txt": "--allow-unauthenticated" }, /^apt\.txt:1: /],
    ["a command in apt.txt", { "apt.txt": "apt-get install -y foo" }, /no command \(here: foo\)/],
    [
      "environment.yml that is a list",
      { "environment.yml": "- a" },
      /^environment\.yml:1: a mapping/,
    ],
    ["runtime.txt with four parts", { "runtime.txt": "python-3-1-2-3" }, /^runtime\.txt:1: /],
    [
      "runtime.txt against requires-python",
      { "runtime.txt": "3.9", "pyproject.toml": `${PROJECT}requires-python = ">=3.12"` },
      /no version is both/,
    ],
    ["REQUIRE", { REQUIRE: "julia" }, /Project\.toml has replaced it/],
  ])("%s is refused with the file", (_, files, message) => {
    const outcome = planEnvironment(snapshotOf(files), OPTIONS);
    expect(outcome).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(message) },
    });
  });
});
