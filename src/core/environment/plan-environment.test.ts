import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../errors.ts";
import type { RepoFile, RepoSnapshot } from "../repo/repo.ts";
import type { Plan } from "./plan.ts";
import { filesWanted, planEnvironment, type PlanOptions } from "./plan-environment.ts";

const OPTIONS: PlanOptions = {
  platform: "linux-x86_64",
  pythons: ["3.12.4", "3.13.1", "3.11.2"],
  genericServer: { jupyterlab: "4.6.6", notebook: "7.6.5", jupyter_server: "2.21.1" },
  maxConfigFileBytes: 100_000,
};

/** A value is a file's text; `@x` a link to x; null a file that is not text; a path with / at its end a submodule. */
type Files = Readonly<Record<string, string | null>>;

function snapshotOf(files: Files): RepoSnapshot {
  const entries = Object.entries(files).map(([path, text]): [RepoFile, string | null] => {
    const hash = createHash("sha1").update(`${text}`).digest("hex");
    const base = { path, hash, sizeBytes: text?.length ?? 10 };
    if (path.endsWith("/")) return [{ ...base, path: path.slice(0, -1), kind: "submodule" }, null];
    if (text?.startsWith("@")) return [{ ...base, kind: "symlink" }, text.slice(1)];
    return [{ ...base, kind: path.endsWith("postBuild") ? "executable" : "file" }, text];
  });
  return {
    files: entries.map(([file]) => file),
    contents: new Map(entries.map(([file, text]) => [file.path, text])),
  };
}

function planOf(files: Files, options = OPTIONS): Plan {
  const outcome = planEnvironment(snapshotOf(files), options);
  if (outcome.kind === "refused") throw new Error(`refused: ${outcome.failure.message}`);
  return outcome.plan;
}

/** What the plan installs, in words. */
function wordsOf(plan: Plan): string[] {
  return plan.steps.flatMap((step) => {
    switch (step.kind) {
      case "python":
        return [`python ${step.version}`];
      case "packages":
        return step.requirements.map((line) => line);
      case "lock":
        return [`lock of ${step.directory || "."}`];
      case "project":
        return [
          `${step.isEditable ? "editable" : "project"} ${step.directory || "."}${step.extras.length > 0 ? `[${step.extras}]` : ""}`,
        ];
      case "archive":
        return [`archive ${step.path}`];
      case "postBuild":
        return [`run ${step.path}`];
    }
  });
}

const PROJECT = '[project]\nname = "p"\nversion = "1"\ndependencies = ["attrs>=20", "Six"]\n';
const BUILD = '[build-system]\nrequires = ["setuptools"]\n';

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
        "pyproject.toml": `${PROJECT}[tool.uv.sources]\nsix = { git = "https://e.org/six", tag = "v1" }\nattrs = { path = "attrs", editable = true }`,
        "attrs/setup.py": "",
      },
      ["python 3.12", "six @ git+https://e.org/six@v1", "editable attrs"],
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
      "binder/requirements.txt": "-i https://e.org/simple\n--pre\n-f wheels\n-c c.txt\nnumpy",
      "binder/c.txt": "numpy<2",
      "binder/wheels/a.whl": null,
    });
    expect(plan.steps.find(({ kind }) => kind === "packages")).toMatchObject({
      requirements: ["numpy"],
      constraints: ["numpy<2"],
      options: [
        { name: "index-url", value: "https://e.org/simple" },
        { name: "pre", value: null },
        { name: "find-links", value: "binder/wheels" },
      ],
    });
  });
});

describe("which Python", () => {
  test.each<[string, Files, string]>([
    ["python-3.11", { "runtime.txt": "python-3.11" }, "3.11"],
    ["python-3", { "runtime.txt": "python-3\n" }, "3.12"],
    ["a bare version", { "runtime.txt": "3.13" }, "3.13"],
    ["a version after a space", { "runtime.txt": "python 3.13" }, "3.13"],
    ["conda's form", { "runtime.txt": "conda-forge::python=3.11" }, "3.11"],
    ["a range", { "runtime.txt": ">=3.13" }, "3.13"],
    ["a range after the name", { "runtime.txt": "python>=3.11" }, "3.12"],
    ["an exact release that is here", { "runtime.txt": "python-3.11.2" }, "3.11.2"],
    ["an exact release that is not here", { "runtime.txt": "python-3.11.9" }, "3.11"],
    ["a date, which means nothing for Python", { "runtime.txt": "python-3.11-2024-02-03" }, "3.11"],
    ["a date alone", { "runtime.txt": "python-2024-02-03" }, "3.12"],
    ["a comment and blank lines", { "runtime.txt": "# which\n\npython-3.11\n" }, "3.11"],
    ["an empty file", { "runtime.txt": "\n" }, "3.12"],
    ["a version that is not here but exists", { "runtime.txt": "python-3.9" }, "3.9"],
    [".python-version", { ".python-version": "3.11\n" }, "3.11"],
    [".python-version with an exact release", { ".python-version": "3.13.1" }, "3.13.1"],
    [".python-version with several", { ".python-version": "3.11\n3.12" }, "3.11"],
    [
      ".python-version with the name of a pyenv environment",
      { ".python-version": "my-env" },
      "3.12",
    ],
    [
      "runtime.txt before .python-version",
      { "runtime.txt": "python-3.11", ".python-version": "3.13" },
      "3.11",
    ],
    [
      "requires-python that the default satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.9"` },
      "3.12",
    ],
    [
      "requires-python that only the newest satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.13"` },
      "3.13",
    ],
    [
      "requires-python that only an old one satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = "<3.12"` },
      "3.11",
    ],
    [
      "requires-python with a patch level",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.12.5"` },
      "3.13",
    ],
    [
      "requires-python beside requirements.txt",
      { "pyproject.toml": `${PROJECT}requires-python = "<3.12"`, "requirements.txt": "six" },
      "3.11",
    ],
    [
      "both",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.9"`, ".python-version": "3.11" },
      "3.11",
    ],
  ])("%s", (_, files, version) => {
    expect(wordsOf(planOf(files))[0]).toBe(`python ${version}`);
  });

  test("with no interpreter here the version that serves best is planned", () => {
    expect(wordsOf(planOf({}, { ...OPTIONS, pythons: [] }))).toEqual(["python 3.12"]);
  });
});

describe("what is refused", () => {
  test.each<[string, Files, ErrorCode, RegExp]>([
    [
      "two binder directories",
      { "binder/a": "", ".binder/b": "" },
      "config-conflict",
      /\.binder\/ and binder\//,
    ],
    [
      "a Dockerfile",
      { Dockerfile: "FROM x", "requirements.txt": "six" },
      "config-unsupported",
      /^Dockerfile /,
    ],
    [
      "a Dockerfile in binder/",
      { "binder/Dockerfile": "FROM x" },
      "config-unsupported",
      /^binder\/Dockerfile /,
    ],
    ["Project.toml", { "Project.toml": "" }, "config-unsupported", /^Project\.toml .*Julia/],
    [
      "JuliaProject.toml",
      { "JuliaProject.toml": "" },
      "config-unsupported",
      /^JuliaProject\.toml /,
    ],
    ["REQUIRE", { REQUIRE: "julia" }, "config-unsupported", /^REQUIRE /],
    ["default.nix", { "default.nix": "" }, "config-unsupported", /^default\.nix /],
    [
      "DESCRIPTION",
      { DESCRIPTION: "", "requirements.txt": "six" },
      "config-unsupported",
      /^DESCRIPTION /,
    ],
    [
      "runtime.txt of R with a date",
      { "runtime.txt": "r-4.3-2024-01-01", "install.R": "" },
      "config-unsupported",
      /asks for r/,
    ],
    [
      "runtime.txt of R without a date",
      { "runtime.txt": "r-4.3" },
      "config-unsupported",
      /asks for r/,
    ],
    [
      "environment.yml beside requirements.txt",
      { "environment.yml": "x", "requirements.txt": "six" },
      "config-unsupported",
      /^environment\.yml /,
    ],
    [
      "environment.yaml",
      { "binder/environment.yaml": "x" },
      "config-unsupported",
      /^binder\/environment\.yaml /,
    ],
    ["Pipfile", { Pipfile: "", "requirements.txt": "six" }, "config-unsupported", /^Pipfile /],
    ["Pipfile.lock", { "Pipfile.lock": "{}" }, "config-unsupported", /^Pipfile\.lock /],
    ["install.R alone", { "install.R": "" }, "config-unsupported", /^install\.R /],
    [
      "install.R with nothing but a version of Python",
      { "install.R": "", "runtime.txt": "3.12" },
      "config-unsupported",
      /^install\.R /,
    ],
    ["renv.lock alone", { "renv.lock": "" }, "config-unsupported", /^renv\.lock /],
    ["conda-lock.yml alone", { "conda-lock.yml": "" }, "config-unsupported", /^conda-lock\.yml /],
    ["pixi.toml alone", { "pixi.toml": "" }, "config-unsupported", /^pixi\.toml /],
    [
      "pixi inside pyproject.toml",
      { "pyproject.toml": `${PROJECT}[tool.pixi.dependencies]\nx = "*"` },
      "config-unsupported",
      /pixi/,
    ],
    ["pylock.toml alone", { "pylock.toml": "" }, "config-unsupported", /^pylock\.toml /],
    ["flake.nix alone", { "flake.nix": "" }, "config-unsupported", /^flake\.nix /],
    [
      "a pyproject.toml of poetry alone",
      { "pyproject.toml": "[tool.poetry]\nname='x'", "poetry.lock": "" },
      "config-unsupported",
      /pyproject\.toml .*poetry/,
    ],
    ["uv.lock alone", { "uv.lock": "" }, "config-unsupported", /^uv\.lock /],
    [
      "setup.cfg alone with packages",
      { "setup.cfg": "[options]\ninstall_requires = x" },
      "config-unsupported",
      /^setup\.cfg /,
    ],
    [
      "apt.txt",
      { "apt.txt": "# x\nvim", "requirements.txt": "six" },
      "config-unsupported",
      /^apt\.txt:2: /,
    ],
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
      { "requirements.txt": "-r https://e.org/a.txt" },
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
    ["a directory named start", { "start/a": "" }, "config-invalid", /^start is a directory/],
    [
      "a directory named requirements.txt",
      { "requirements.txt/a": "" },
      "config-invalid",
      /^requirements\.txt is a directory/,
    ],
    ["postBuild that leads out", { postBuild: "@../x" }, "config-invalid", /leads out/],
  ])("%s", (_, files, code, message) => {
    const outcome = planEnvironment(snapshotOf(files), OPTIONS);
    expect(outcome).toMatchObject({ kind: "refused", failure: { code } });
    if (outcome.kind === "refused") expect(outcome.failure.message).toMatch(message);
  });
});

describe("what is ignored is said", () => {
  test.each<[string, Files, string]>([
    ["package.json", { "package.json": "{}" }, "package.json"],
    ["poetry.lock beside nothing", { "poetry.lock": "" }, "poetry.lock"],
    [
      "devcontainer.json",
      { ".devcontainer/devcontainer.json": "{}" },
      ".devcontainer/devcontainer.json",
    ],
    ["Manifest.toml alone", { "Manifest.toml": "" }, "Manifest.toml"],
    [
      "install.R beside requirements.txt",
      { "install.R": "", "requirements.txt": "six" },
      "install.R",
    ],
    ["install.R beside postBuild", { "install.R": "", postBuild: "#!/bin/sh" }, "install.R"],
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

describe("which server", () => {
  test.each<[string, string, Plan["server"]["kind"]]>([
    ["nothing of Jupyter", "numpy", "generic"],
    ["jupyterlab in any version", "jupyterlab", "generic"],
    ["the shared server's own version", "jupyterlab==4.6.6", "generic"],
    ["a range that it satisfies", "JupyterLab>=4,<5\nnotebook~=7.0", "generic"],
    ["an older jupyterlab", "jupyterlab==3.6.1", "environment"],
    ["the old notebook", "notebook<7", "environment"],
    ["an older jupyter_server", "jupyter_server<2", "environment"],
    ["nbclassic", "nbclassic", "environment"],
    ["a server extension", "nbgitpuller", "environment"],
    ["a server extension by another spelling", "Jupyter_Server_Proxy", "environment"],
  ])("%s", (_, text, kind) => {
    expect(planOf({ "requirements.txt": text }).server.kind).toBe(kind);
  });

  test("a server of its own gets jupyterlab and notebook where they are not asked for", () => {
    const added = (text: string) => {
      const step = planOf({ "requirements.txt": text }).steps.find(
        ({ kind }) => kind === "packages",
      );
      return step?.kind === "packages" ? step.added : [];
    };
    expect(added("nbgitpuller")).toEqual([
      "ipykernel",
      "ipywidgets",
      "pip",
      "jupyterlab",
      "notebook",
    ]);
    expect(added("jupyterlab<4")).toEqual(["ipykernel", "ipywidgets", "pip", "notebook"]);
  });

  test.each<[string, Files, string | null]>([
    ["nothing", { "requirements.txt": "six" }, null],
    ["start", { start: "#!/bin/sh" }, "start"],
    ["start in binder/", { "binder/start": "#!/bin/sh" }, "binder/start"],
    ["a server extension", { "requirements.txt": "voila" }, "voila"],
    [
      "a server's configuration",
      { "jupyter_notebook_config.py": "" },
      "jupyter_notebook_config.py",
    ],
    ["a directory of configuration", { ".jupyter/x.json": "" }, ".jupyter"],
    ["configuration that is not in the home", { "docs/jupyter_config.py": "" }, null],
  ])("a session starts cold because of %s", (_, files, because) => {
    const { coldStartBecause } = planOf(files);
    if (because === null) expect(coldStartBecause).toBeNull();
    else expect(coldStartBecause).toContain(because);
  });
});

describe("the environment key", () => {
  const keyOf = (files: Files, options = OPTIONS) => planOf(files, options).key;
  const base = keyOf({ "requirements.txt": "numpy>=1,<2\nsix" });

  test.each<[string, Files]>([
    ["order", { "requirements.txt": "six\nnumpy<2,>=1" }],
    [
      "comments, spaces and line ends",
      { "requirements.txt": "# x\r\nnumpy >= 1, <2 # y\r\n\r\n six\r\n" },
    ],
    ["spelling of names", { "requirements.txt": "NumPy>=1,<2\nSix" }],
    ["duplicates", { "requirements.txt": "six\nnumpy>=1,<2\nsix" }],
    ["continued lines", { "requirements.txt": "numpy \\\n>=1,<2\nsix" }],
    [
      "notebooks and documentation",
      { "requirements.txt": "numpy>=1,<2\nsix", "README.md": "x", "a.ipynb": "{}" },
    ],
    [
      "which file a line stands in",
      { "requirements.txt": "-r a.txt\nsix", "a.txt": "numpy>=1,<2" },
    ],
    ["the directory", { "binder/requirements.txt": "numpy>=1,<2\nsix" }],
    [
      "naming the default Python",
      { "requirements.txt": "numpy>=1,<2\nsix", "runtime.txt": "python-3.12" },
    ],
    ["start", { "requirements.txt": "numpy>=1,<2\nsix", start: "#!/bin/sh" }],
    ["ignored files", { "requirements.txt": "numpy>=1,<2\nsix", "package.json": "{}" }],
  ])("does not depend on %s", (_, files) => {
    expect(keyOf(files)).toBe(base);
  });

  test.each<[string, Files]>([
    ["a version", { "requirements.txt": "numpy>=1,<3\nsix" }],
    ["one package more", { "requirements.txt": "numpy>=1,<2\nsix\nattrs" }],
    ["a constraint", { "requirements.txt": "numpy>=1,<2\nsix\n-c c.txt", "c.txt": "attrs<2" }],
    ["an index", { "requirements.txt": "-i https://e.org/s\nnumpy>=1,<2\nsix" }],
    ["a marker", { "requirements.txt": "numpy>=1,<2\nsix; os_name=='nt'" }],
    ["Python", { "requirements.txt": "numpy>=1,<2\nsix", "runtime.txt": "3.11" }],
    ["postBuild", { "requirements.txt": "numpy>=1,<2\nsix", postBuild: "x" }],
  ])("depends on %s", (_, files) => {
    expect(keyOf(files)).not.toBe(base);
  });

  test("depends on the platform", () => {
    expect(keyOf({}, { ...OPTIONS, platform: "linux-aarch64" })).not.toBe(keyOf({}));
  });

  test("does not depend on the patch level of the default Python", () => {
    expect(keyOf({}, { ...OPTIONS, pythons: ["3.12.9"] })).toBe(keyOf({}));
  });

  test.each<[string, Files]>([
    ["postBuild runs", { postBuild: "x" }],
    ["setup.py runs", { "setup.py": "x" }],
    ["a project is built", { "pyproject.toml": PROJECT + BUILD }],
    [
      "a lock names directories",
      { "pyproject.toml": `${PROJECT}[tool.uv.workspace]\nmembers = ["x"]`, "uv.lock": "" },
    ],
  ])("covers every file when %s, and says so", (_, files) => {
    const plan = planOf({ ...files, "data.csv": "1" });
    expect(plan.runsRepositoryCode).toBe(true);
    expect(planOf({ ...files, "data.csv": "2" }).key).not.toBe(plan.key);
    const input = plan.keyInputs.find(({ name }) => name === "repository files");
    expect(input?.value).toContain("can read every file");
  });

  test("a lock is a key of its own, and comments beside it do not matter", () => {
    const key = (toml: string, lock: string) =>
      keyOf({ "pyproject.toml": toml, "uv.lock": lock, a: "1" });
    expect(key(PROJECT, "one")).not.toBe(key(PROJECT, "two"));
    expect(key(`# hello\n${PROJECT}`, "one")).toBe(key(PROJECT, "one"));
  });

  test("an archive of the repository is covered, and nothing else", () => {
    const files = { "requirements.txt": "./a-1-py3-none-any.whl" };
    const key = (wheel: string, other: string) =>
      keyOf({ ...files, "a-1-py3-none-any.whl": wheel, other });
    expect(key("1", "1")).not.toBe(key("2", "1"));
    expect(key("1", "1")).toBe(key("1", "2"));
  });
});

describe("for any input", () => {
  const requirement = fc
    .tuple(
      fc.constantFrom("numpy", "six", "Attrs", "jupyter_core", "a.b"),
      fc.constantFrom("", ">=1", "==2.*", "<3,>1", "~=1.2"),
      fc.constantFrom("", " ; os_name == 'posix'", " # why"),
    )
    .map((parts) => parts.join(""));

  test("the key depends neither on the order of lines nor on comments and line ends", () => {
    fc.assert(
      fc.property(
        fc
          .array(requirement, { maxLength: 8 })
          .chain((lines) =>
            fc.tuple(
              fc.constant(lines),
              fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
              fc.constantFrom("\n", "\r\n", "\n# comment\n", "\n\n"),
            ),
          ),
        ([lines, shuffled, end]) => {
          const first = planOf({ "requirements.txt": lines.join("\n") });
          const second = planOf({ "requirements.txt": shuffled.join(end) + end });
          expect(second.key).toBe(first.key);
        },
      ),
    );
  });

  const name = fc.constantFrom(
    ..."requirements.txt runtime.txt .python-version pyproject.toml uv.lock setup.py setup.cfg apt.txt postBuild start a.txt environment.yml sub/setup.py Dockerfile".split(
      " ",
    ),
  );
  const path = fc
    .tuple(fc.constantFrom("", "binder/", ".binder/"), name)
    .map((parts) => parts.join(""));
  const snippet = fc.constantFrom(
    "-r a.txt",
    "-c a.txt",
    "-e .",
    "-e ./sub[x]",
    "numpy>=1",
    "python-3.12",
    "[project]",
    "dependencies = ['six']",
    "requires-python='>=3.9'",
    "[build-system]",
    "\\",
    "#",
    "@",
    "@../a.txt",
    "@a.txt",
    "git+https://e.org/x",
    "--pre",
    "--hash=sha256:aa",
  );
  const text = fc.oneof(
    fc.constant(null),
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(snippet, fc.string()), { maxLength: 6 }).map((lines) => lines.join("\n")),
  );
  const files = fc.dictionary(path, text, { maxKeys: 6, noNullPrototype: true });

  test("there is a plan or a typed failure, always the same one", () => {
    fc.assert(
      fc.property(files, (repo) => {
        const outcome = planEnvironment(snapshotOf(repo), OPTIONS);
        expect(planEnvironment(snapshotOf(repo), OPTIONS)).toEqual(outcome);
        if (outcome.kind === "planned") expect(outcome.plan.key).toMatch(/^[0-9a-f]{64}$/);
        else expect(outcome.failure.code).toMatch(/^(config-|python-)/);
      }),
      { numRuns: 500 },
    );
  });

  test("reading what the planner asks for, until it asks for nothing, gives the same outcome", () => {
    fc.assert(
      fc.property(files, (repo) => {
        const whole = snapshotOf(repo);
        const contents = new Map<string, string | null>();
        for (let round = 0; ; round++) {
          const wanted = filesWanted({ files: whole.files, contents }, OPTIONS);
          if (wanted.length === 0) break;
          expect(round).toBeLessThan(60);
          for (const path of wanted) {
            expect(contents.has(path)).toBe(false);
            contents.set(path, whole.contents.get(path) ?? null);
          }
        }
        expect(planEnvironment({ files: whole.files, contents }, OPTIONS)).toEqual(
          planEnvironment(whole, OPTIONS),
        );
      }),
      { numRuns: 500 },
    );
  });
});
