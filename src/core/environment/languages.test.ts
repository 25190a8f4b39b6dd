/** R, Julia, Nix, JavaScript and images: what the plan has of each, one row a case. */
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../errors.ts";
import { planEnvironment } from "./plan-environment.ts";
import { type Files, OPTIONS, planOf, snapshotOf, wordsOf } from "./planning-in-tests.ts";

const PY = "python 3.12";
const LOCK = JSON.stringify({ R: { Version: "4.3.1" }, Packages: {} });
const JULIA = '[deps]\nPlots = "91a5bcdd"\n';

describe("what is built", () => {
  test.each<[string, Files, readonly string[]]>([
    ["R of a day", { "runtime.txt": "r-4.3-2024-01-31" }, [PY, "r 4.3 of 2024-01-31"]],
    [
      "R of a day, to the patch",
      { "runtime.txt": "r-4.3.1-2024-01-31" },
      [PY, "r 4.3.1 of 2024-01-31"],
    ],
    ["the default R of a day", { "runtime.txt": "r-2024-01-31" }, [PY, "r 4.4 of 2024-01-31"]],
    [
      "R without a day, where repo2docker has none",
      { "runtime.txt": "r-4.3" },
      [PY, "r 4.3 of today"],
    ],
    ["install.R alone", { "install.R": "" }, [PY, "r 4.4 of today", "install.R install.R"]],
    [
      "install.R beside requirements.txt",
      { "install.R": "", "requirements.txt": "six" },
      [PY, "six", "r 4.4 of today", "install.R install.R"],
    ],
    [
      "install.R and what repo2docker installs beside R",
      {
        "runtime.txt": "r-4.4-2024-06-01",
        "install.R": "",
        "requirements.txt": "six",
        "environment.yml": "dependencies: [numpy]",
        Pipfile: "",
      },
      [
        "conda environment environment.yml",
        "channel conda-forge",
        "numpy",
        "six",
        "r 4.4 of 2024-06-01",
        "install.R install.R",
      ],
    ],
    [
      "DESCRIPTION with the R that it needs",
      { DESCRIPTION: "Package: x\nDepends:\n    R (>= 4.5),\n    methods\n" },
      [PY, "r 4.5 of today", "DESCRIPTION DESCRIPTION"],
    ],
    ["renv.lock alone", { "renv.lock": LOCK }, [PY, "r 4.3.1 of today", "renv.lock renv.lock"]],
    [
      "renv.lock before DESCRIPTION",
      { "renv.lock": LOCK, DESCRIPTION: "Package: x\n" },
      [PY, "r 4.3.1 of today", "renv.lock renv.lock", "DESCRIPTION DESCRIPTION"],
    ],
    [
      "install.R before renv.lock",
      { "renv.lock": LOCK, "install.R": "" },
      [PY, "r 4.4 of today", "install.R install.R"],
    ],
    ["Julia, the newest", { "Project.toml": JULIA }, [PY, "julia 1.12 Project.toml"]],
    [
      "Julia as compatible",
      { "Project.toml": `${JULIA}[compat]\njulia = "1.9, 1.10"` },
      [PY, "julia 1.12 Project.toml"],
    ],
    [
      "exactly one Julia",
      { "Project.toml": `${JULIA}[compat]\njulia = "=1.3"` },
      [PY, "julia 1.3.0 Project.toml"],
    ],
    [
      "the Julia of the manifest",
      { "Project.toml": JULIA, "Manifest.toml": 'julia_version = "1.10.4"\n' },
      [PY, "julia 1.10.4 Project.toml"],
    ],
    [
      "Julia with Python and conda, as repo2docker",
      {
        "Project.toml": JULIA,
        "requirements.txt": "six",
        "environment.yml": "dependencies: [numpy]",
      },
      [
        "conda environment environment.yml",
        "channel conda-forge",
        "numpy",
        "six",
        "julia 1.12 Project.toml",
      ],
    ],
    [
      "Julia with R, which repo2docker leaves out",
      { "JuliaProject.toml": JULIA, "install.R": "" },
      [PY, "r 4.4 of today", "install.R install.R", "julia 1.12 JuliaProject.toml"],
    ],
    ["Julia in binder/", { "binder/Project.toml": JULIA }, [PY, "julia 1.12 binder/Project.toml"]],
    [
      "Nix with apt and postBuild and nothing else",
      {
        "default.nix": "{}",
        "apt.txt": "git",
        postBuild: "x",
        "requirements.txt": "six",
        "environment.yml": "x",
      },
      ["apt git", "nix default.nix", "run postBuild"],
    ],
    ["a flake alone", { "flake.nix": "{}" }, ["nix flake.nix"]],
    [
      "no flake beside requirements.txt",
      { "flake.nix": "{}", "requirements.txt": "six" },
      [PY, "six"],
    ],
    [
      "a Dockerfile and nothing else",
      {
        Dockerfile: "# x\nARG A=1\nFROM --platform=linux/amd64 x AS y",
        "apt.txt": "git",
        postBuild: "x",
        "requirements.txt": "six",
      },
      ["dockerfile Dockerfile"],
    ],
    [
      "a Dockerfile in binder/",
      { "binder/Dockerfile": "FROM x", "requirements.txt": "six" },
      ["dockerfile binder/Dockerfile"],
    ],
    [
      "an image of devcontainer.json alone, comments and all",
      { ".devcontainer/devcontainer.json": '{ // why\n "image": "python:3.12", /* x */ }' },
      ["image python:3.12"],
    ],
    [
      "a Dockerfile of devcontainer.json",
      {
        ".devcontainer/devcontainer.json": '{"build":{"dockerfile":"Dockerfile","context":".."}}',
        ".devcontainer/Dockerfile": "FROM x",
      },
      ["dockerfile .devcontainer/Dockerfile"],
    ],
    [
      "package.json alone",
      { "package.json": '{"dependencies":{"d3":"7"}}' },
      [PY, "npm install ."],
    ],
    [
      "package.json with its lock beside Python",
      {
        "package.json": '{"dependencies":{"d3":"7"}}',
        "package-lock.json": "{}",
        "requirements.txt": "six",
      },
      [PY, "six", "npm ci ."],
    ],
    [
      "no package.json without a lock beside Python",
      { "package.json": '{"devDependencies":{"prettier":"3"}}', "requirements.txt": "six" },
      [PY, "six"],
    ],
  ])("%s", (_, files, words) => {
    expect(wordsOf(planOf(files))).toEqual(words);
  });
});

describe("what is refused", () => {
  test.each<[string, Files, ErrorCode, RegExp]>([
    [
      "a day that is none",
      { "runtime.txt": "r-4.3-2023-02-29" },
      "config-invalid",
      /^runtime\.txt:1: .*not a day/,
    ],
    [
      "a day before there are packages",
      { "runtime.txt": "r-2015-01-01" },
      "config-unsupported",
      /2018-12-07/,
    ],
    [
      "an R that never was",
      { "runtime.txt": "r-9.9-2024-01-01" },
      "config-unsupported",
      /no R "9\.9"/,
    ],
    ["an R with words", { "runtime.txt": "r-latest" }, "config-invalid", /r-4\.4-2024-06-01/],
    ["REQUIRE", { REQUIRE: "julia 0.6" }, "config-unsupported", /^REQUIRE .*Project\.toml/],
    ["renv.lock that is no JSON", { "renv.lock": "{\n]" }, "config-invalid", /^renv\.lock:\d+: /],
    [
      "Project.toml that is no TOML",
      { "Project.toml": "x" },
      "config-invalid",
      /^Project\.toml:1: /,
    ],
    [
      "a Julia that is none",
      { "Project.toml": '[compat]\njulia = "new"' },
      "config-invalid",
      /^Project\.toml:2: /,
    ],
    ["a Dockerfile without FROM", { Dockerfile: "RUN x" }, "config-unsupported", /no FROM/],
    [
      "the image of the first Binder",
      { Dockerfile: "FROM andrewosh/binder-base" },
      "config-unsupported",
      /first Binder/,
    ],
    [
      "devcontainer.json with features",
      { ".devcontainer.json": '{"image":"x","features":{"a":{}}}' },
      "config-unsupported",
      /features/,
    ],
    [
      "devcontainer.json with compose",
      { ".devcontainer.json": '{"dockerComposeFile":"c.yml"}' },
      "config-unsupported",
      /dockerComposeFile/,
    ],
    [
      "devcontainer.json with an image that is none",
      { ".devcontainer.json": '{"image":"--x y"}' },
      "config-unsupported",
      /not the name/,
    ],
    [
      "package.json that is a list",
      { "package.json": "[]" },
      "config-invalid",
      /^package\.json:1: an object/,
    ],
    ["pixi.lock alone", { "pixi.lock": "version: 6" }, "config-unsupported", /^pixi\.lock /],
    [
      "a lock of conda for another machine",
      { "conda-osx-arm64.lock": "@EXPLICIT" },
      "config-unsupported",
      /another platform/,
    ],
  ])("%s", (_, files, code, message) => {
    const outcome = planEnvironment(snapshotOf(files), OPTIONS);
    expect(outcome).toMatchObject({
      kind: "refused",
      failure: { code, message: expect.stringMatching(message) },
    });
  });
});

describe("what a step may read", () => {
  test.each<[string, Files, boolean]>([
    ["install.R that names no other file", { "install.R": 'install.packages("dplyr")' }, false],
    ["install.R that sources one", { "install.R": 'source("a.R")', "a.R": "" }, true],
    ["install.R that installs what lies here", { "install.R": "devtools::install()" }, true],
    ["install.R that names a directory", { "install.R": 'x("pkg")', "pkg/DESCRIPTION": "" }, true],
    ["a lock of renv", { "renv.lock": LOCK }, false],
    ["an R package", { DESCRIPTION: "Package: x" }, true],
    ["a Julia project", { "Project.toml": JULIA }, false],
    ["a Julia package", { "Project.toml": `name = "X"\nuuid = "y"\n${JULIA}` }, true],
    ["default.nix by itself", { "default.nix": "with import <nixpkgs> {}; mkShell {}" }, false],
    ["default.nix with a path", { "default.nix": "import ./x.nix" }, true],
    ["a flake", { "flake.nix": "{}" }, true],
    ["a Dockerfile", { Dockerfile: "FROM x" }, true],
    ["packages of npm", { "package.json": '{"dependencies":{"d3":"7"}}' }, false],
    [
      "packages of npm with a script",
      { "package.json": '{"dependencies":{"d3":"7"},"scripts":{"postinstall":"x"}}' },
      true,
    ],
    [
      "a package of npm in the repository",
      { "package.json": '{"dependencies":{"a":"file:./a"}}' },
      true,
    ],
  ])("%s", (_, files, isWide) => {
    const one = planOf({ ...files, "README.md": "1" });
    const two = planOf({ ...files, "README.md": "2" });
    expect(one.runsRepositoryCode).toBe(isWide);
    expect(two.key !== one.key).toBe(isWide);
  });
});
