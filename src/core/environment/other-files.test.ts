/** Files that are seen and not used, each with its reason. */
import { describe, expect, test } from "vitest";
import { type Files, PROJECT, planOf } from "./planning-in-tests.ts";

describe("what is ignored is said", () => {
  test.each<[string, Files, string]>([
    ["package.json that names no package", { "package.json": "{}" }, "package.json"],
    [
      "poetry.lock beside requirements.txt",
      { "poetry.lock": "", "requirements.txt": "six" },
      "poetry.lock",
    ],
    [
      "devcontainer.json beside requirements.txt",
      { ".devcontainer/devcontainer.json": "{}", "requirements.txt": "six" },
      ".devcontainer/devcontainer.json",
    ],
    ["Manifest.toml alone", { "Manifest.toml": "" }, "Manifest.toml"],
    [
      "install.R that postBuild runs",
      { "install.R": "", postBuild: "#!/bin/sh\nRscript install.R" },
      "install.R",
    ],
    [
      "conda-lock.yml beside requirements.txt",
      { "conda-lock.yml": "", "requirements.txt": "six" },
      "conda-lock.yml",
    ],
    [
      "pyproject.toml of poetry beside requirements.txt",
      { "pyproject.toml": "[tool.poetry]", "requirements.txt": "six" },
      "pyproject.toml",
    ],
    [
      "uv.lock beside requirements.txt",
      { "pyproject.toml": PROJECT, "uv.lock": "", "requirements.txt": "six" },
      "uv.lock",
    ],
    ["setup.cfg of tools", { "setup.cfg": "[flake8]\n" }, "setup.cfg"],
    ["apt.txt without a package", { "apt.txt": "# nothing\n" }, "apt.txt"],
    [
      ".python-version beside runtime.txt",
      { "runtime.txt": "3.12", ".python-version": "3.11" },
      ".python-version",
    ],
    ["requirements3.txt", { "requirements3.txt": "six" }, "requirements3.txt"],
    [
      "the root's files beside binder/",
      { "binder/requirements.txt": "six", "environment.yml": "" },
      "environment.yml",
    ],
    [
      "the root's project beside binder/",
      { "binder/requirements.txt": "six", "setup.py": "" },
      "setup.py",
    ],
    ["setup.py inside binder/", { "binder/setup.py": "" }, "binder/setup.py"],
    ["DESCRIPTION inside binder/", { "binder/DESCRIPTION": "" }, "binder/DESCRIPTION"],
    ["a name in the wrong case", { "Requirements.txt": "six" }, "Requirements.txt"],
    ["postbuild in the wrong case", { "binder/postbuild": "x" }, "binder/postbuild"],
    [".env", { ".env": "A=1" }, ".env"],
  ])("%s", (_, files, path) => {
    const file = planOf(files).files.find((one) => one.path === path);
    expect(file).toMatchObject({ verdict: "ignored" });
    expect(file?.because.length).toBeGreaterThan(5);
  });
});
