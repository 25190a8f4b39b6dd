/** The planner's sentences, one row a case. */
import { describe, expect, test } from "vitest";
import { BUILD, type Files, PROJECT, planOf, wordsOf } from "./planning-in-tests.ts";

describe("what is installed", () => {
  test.each<[string, Files, readonly string[]]>([
    ["nothing but the default Python for an empty repository", {}, ["python 3.12"]],
    ["nothing for notebooks alone", { "a.ipynb": "{}", "README.md": "x" }, ["python 3.12"]],
    ["requirements.txt in the root", { "requirements.txt": "numpy" }, ["python 3.12", "numpy"]],
    [
      "requirements.txt in binder/",
      { "binder/requirements.txt": "numpy", "requirements.txt": "scipy" },
      ["python 3.12", "numpy"],
    ],
    [
      "requirements.txt in .binder/",
      { ".binder/requirements.txt": "numpy", "requirements.txt": "scipy" },
      ["python 3.12", "numpy"],
    ],
    [
      "nothing where binder/ holds no configuration, root Dockerfile or not",
      { "binder/README": "x", Dockerfile: "FROM x" },
      ["python 3.12"],
    ],
    [
      "nothing of the root beside binder/, not even its project",
      { "binder/runtime.txt": "python-3.11", "pyproject.toml": PROJECT + BUILD, "setup.py": "x" },
      ["python 3.11"],
    ],
    [
      "the target of a linked requirements.txt",
      { "binder/requirements.txt": "@../reqs.txt", "reqs.txt": "numpy" },
      ["python 3.12", "numpy"],
    ],
    [
      "what a linked directory holds",
      { binder: "@conf", "conf/requirements.txt": "numpy" },
      ["python 3.12", "numpy"],
    ],
    [
      "included files, relative to the one that includes them",
      {
        "requirements.txt": "-r reqs/a.txt\n-c reqs/c.txt",
        "reqs/a.txt": "numpy\n-r ../b.txt",
        "b.txt": "scipy",
        "reqs/c.txt": "numpy<2",
      },
      ["python 3.12", "numpy", "scipy"],
    ],
    [
      "a file without end of line and with a byte-order mark",
      { "requirements.txt": "\uFEFFnumpy" },
      ["python 3.12", "numpy"],
    ],
    [
      "what [project] depends on, without a build system",
      { "pyproject.toml": PROJECT },
      ["python 3.12", "attrs>=20", "six"],
    ],
    [
      "the project too, with a build system",
      { "pyproject.toml": PROJECT + BUILD },
      ["python 3.12", "attrs>=20", "six", "project ."],
    ],
    [
      "requirements.txt first, then a packaged project",
      { "pyproject.toml": PROJECT + BUILD, "requirements.txt": "numpy" },
      ["python 3.12", "numpy", "attrs>=20", "six", "project ."],
    ],
    [
      "requirements.txt alone beside a project without a build system",
      { "pyproject.toml": PROJECT, "requirements.txt": "numpy" },
      ["python 3.12", "numpy"],
    ],
    [
      "a project whose dependencies its build computes",
      { "pyproject.toml": '[project]\nname="p"\ndynamic=["version","dependencies"]' },
      ["python 3.12", "project ."],
    ],
    [
      "requirements.txt beside a pyproject.toml of poetry",
      { "pyproject.toml": "[tool.poetry]\nname='x'", "requirements.txt": "numpy" },
      ["python 3.12", "numpy"],
    ],
    [
      "nothing for a pyproject.toml of tools",
      { "pyproject.toml": "[tool.black]\nline-length = 1" },
      ["python 3.12"],
    ],
    [
      "the lock of uv beside [project]",
      { "pyproject.toml": PROJECT, "uv.lock": "x" },
      ["python 3.12", "lock of ."],
    ],
    [
      "the lock and then the project",
      { "pyproject.toml": PROJECT + BUILD, "uv.lock": "x" },
      ["python 3.12", "lock of .", "project ."],
    ],
    [
      "the lock in binder/",
      { "binder/pyproject.toml": PROJECT, "binder/uv.lock": "x" },
      ["python 3.12", "lock of binder"],
    ],
    ["setup.py as a project", { "setup.py": "x" }, ["python 3.12", "project ."]],
    [
      "requirements.txt, then setup.py",
      { "setup.py": "x", "requirements.txt": "numpy" },
      ["python 3.12", "numpy", "project ."],
    ],
    [
      "one project for setup.py and pyproject.toml",
      { "setup.py": "x", "pyproject.toml": PROJECT + BUILD },
      ["python 3.12", "attrs>=20", "six", "project ."],
    ],
    [
      "an editable project once, with its extras",
      { "setup.py": "x", "requirements.txt": "-e .[test]\n.[doc]" },
      ["python 3.12", "editable .[doc,test]"],
    ],
    [
      "directories and wheels of the repository",
      {
        "requirements.txt": "./lib\nw/a-1-py3-none-any.whl",
        "lib/setup.py": "x",
        "w/a-1-py3-none-any.whl": null,
      },
      ["python 3.12", "archive w/a-1-py3-none-any.whl", "project lib"],
    ],
    [
      "a directory inside a submodule",
      { "requirements.txt": "./sub/python", "sub/": "x" },
      ["python 3.12", "project sub/python"],
    ],
    [
      "git and path sources of uv",
      {
        "pyproject.toml": `${PROJECT}[tool.uv.sources]\nsix = { git = "https://example.org/six", tag = "v1" }\nattrs = { path = "attrs", editable = true }`,
        "attrs/setup.py": "",
      },
      ["python 3.12", "six @ git+https://example.org/six@v1", "editable attrs"],
    ],
    [
      "postBuild last",
      { postBuild: "#!/bin/sh", "requirements.txt": "numpy" },
      ["python 3.12", "numpy", "run postBuild"],
    ],
    [
      "postBuild in the binder directory",
      { "binder/postBuild": "#!/bin/sh", postBuild: "x" },
      ["python 3.12", "run binder/postBuild"],
    ],
  ])("%s", (_, files, words) => {
    expect(wordsOf(planOf(files))).toEqual(words);
  });

  test("every plan adds what notebooks need, and says so", () => {
    const step = planOf({ "requirements.txt": "numpy" }).steps.find(
      ({ kind }) => kind === "packages",
    );
    expect(step).toMatchObject({ added: ["ipykernel", "ipywidgets", "pip"] });
  });

  test("each requirement knows the file and line it came from", () => {
    const plan = planOf({ "requirements.txt": "# x\n-r a.txt\nnumpy \\\n  <2", "a.txt": "\nsix" });
    expect(plan.steps.find(({ kind }) => kind === "packages")).toMatchObject({
      requirements: ["six", "numpy<2"],
      sources: [
        { file: "a.txt", line: 2 },
        { file: "requirements.txt", line: 3 },
      ],
      files: ["requirements.txt", "a.txt"],
    });
  });

  test("index options, constraints and local link pages are kept apart from packages", () => {
    const plan = planOf({
      "binder/requirements.txt": "-i https://example.org/simple\n--pre\n-f wheels\n-c c.txt\nnumpy",
      "binder/c.txt": "numpy<2",
      "binder/wheels/a.whl": null,
    });
    expect(plan.steps.find(({ kind }) => kind === "packages")).toMatchObject({
      requirements: ["numpy"],
      constraints: ["numpy<2"],
      options: [
        { name: "index-url", value: "https://example.org/simple" },
        { name: "pre", value: null },
        { name: "find-links", value: "binder/wheels" },
      ],
    });
  });
});
