/** The planner gets what can describe an environment, and nothing heavy. */
import { describe, expect, it } from "vitest";
import { CANDIDATE_FILES_MAX, candidateFiles } from "./candidate-files.ts";
import type { RepoFile } from "./repo.ts";

const file = (path: string, more: Partial<RepoFile> = {}): RepoFile => ({
  path,
  kind: "file",
  sizeBytes: 10,
  hash: "0".repeat(40),
  ...more,
});
const paths = (files: RepoFile[], links: Record<string, string> = {}) =>
  candidateFiles(files, new Map(Object.entries(links)), 1_000).map(({ path }) => path);

describe("candidateFiles", () => {
  it.each([
    "requirements.txt",
    "environment.yml",
    "pyproject.toml",
    "uv.lock",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "Pipfile.lock",
    "runtime.txt",
    ".python-version",
    "install.R",
    "DESCRIPTION",
    "Project.toml",
    "REQUIRE",
    "apt.txt",
    "postBuild",
    "start",
    "default.nix",
    "Dockerfile",
    "binder/requirements.txt",
    ".binder/environment.yaml",
    "requirements/dev.txt",
    "requirements/more/test.in",
    "binder/requirements/base.txt",
  ])("takes %s", (path) => {
    expect(paths([file(path)])).toEqual([path]);
  });

  it.each([
    "README.md",
    "data.csv",
    "src/requirements.txt",
    "notebook.ipynb",
    "binder/x/y.txt",
    "image.png",
    "requirements/a.py",
  ])("leaves %s", (path) => {
    expect(paths([file(path)])).toEqual([]);
  });

  it("leaves what is larger than the limit, and submodules", () => {
    expect(paths([file("requirements.txt", { sizeBytes: 1_001 })])).toEqual([]);
    expect(paths([file("requirements.txt", { kind: "submodule" })])).toEqual([]);
  });

  it("follows a link to the file that it means", () => {
    const target = file("env/base.txt");
    const link = file("binder/requirements.txt", { kind: "symlink" });
    const all = candidateFiles([target, link], new Map([[link.path, "../env/base.txt"]]), 1_000);
    expect(all).toEqual([{ path: link.path, file: target }]);
  });

  it("leaves a link that leads to nothing", () => {
    expect(paths([file("apt.txt", { kind: "symlink" })], { "apt.txt": "gone" })).toEqual([]);
  });

  it("stops at a number of files", () => {
    const many = Array.from({ length: CANDIDATE_FILES_MAX + 5 }, (_, index) =>
      file(`r${index}.txt`),
    );
    expect(paths(many)).toHaveLength(CANDIDATE_FILES_MAX);
  });
});
