/** Locks of Python packages, and the manifests of poetry and pipenv, as exact requirements. */
import { describe, expect, test } from "vitest";
import { type Files, planOf, wordsOf } from "./planning-in-tests.ts";

const H = "sha256:aa";
const POETRY = '[tool.poetry]\nname = "demo"\n[tool.poetry.dependencies]\npython = "^3.11"\n';

/** An old lock: groups and markers are only on what leads to a package. */
const OLD_LOCK = `
[[package]]
name = "click"
version = "8.1.7"
optional = false
files = [{file = "a.whl", hash = "${H}"}]
[package.dependencies]
colorama = {version = "*", markers = "platform_system == \\"Windows\\""}
[[package]]
name = "colorama"
version = "0.4.6"
files = []
[[package]]
name = "unused"
version = "1"
files = []
[[package]]
name = "requests"
version = "2.31"
files = []
[package.dependencies]
pysocks = {version = ">=1", optional = true}
[package.extras]
socks = ["PySocks (>=1)"]
[[package]]
name = "pysocks"
version = "1.7.1"
files = []
`;

const NEW_LOCK = `
[[package]]
name = "click"
version = "8.1.7"
groups = ["main"]
files = [{file = "a.whl", hash = "${H}"}]
[[package]]
name = "pytest"
version = "8"
groups = ["dev"]
markers = "python_version >= '3.9'"
files = []
[[package]]
name = "sphinx"
version = "7"
groups = ["docs"]
files = []
[[package]]
name = "both"
version = "1"
groups = ["main", "dev"]
files = []
[package.markers]
main = "sys_platform == 'linux'"
dev = "sys_platform == 'win32'"
[[package]]
name = "extra"
version = "1"
groups = ["main"]
optional = true
markers = "extra == 'x'"
files = []
`;

const lockOf = (files: Files) => {
  const step = planOf(files).steps.find(({ kind }) => kind === "lock");
  return step?.kind === "lock" ? step : null;
};

describe("poetry", () => {
  test.each<[string, string, string]>([
    ["a caret", 'x = "^1.2"', "x<2,>=1.2"],
    ["a caret below 1", 'x = "^0.2.3"', "x<0.3,>=0.2.3"],
    ["a caret below 0.1", 'x = "^0.0.3"', "x<0.0.4,>=0.0.3"],
    ["a tilde", 'x = "~1.2.3"', "x<1.3,>=1.2.3"],
    ["a bare version", 'x = "1.2.3"', "x==1.2.3"],
    ["a wildcard", 'x = "1.2.*"', "x==1.2.*"],
    ["anything", 'x = "*"', "x"],
    ["a range", 'x = ">=1, <2"', "x<2,>=1"],
    ["extras", 'x = {version = "^1", extras = ["b", "a"]}', "x[a,b]<2,>=1"],
    ["a marker", 'x = {version = "*", markers = "os_name == \'nt\'"}', 'x ; os_name == "nt"'],
    ["a Python", 'x = {version = "*", python = "<3.9"}', 'x ; python_version < "3.9"'],
    ["Git", 'x = {git = "https://example.org/x", rev = "v1"}', "x @ git+https://example.org/x@v1"],
  ])("understands %s", (_, line, text) => {
    const words = wordsOf(planOf({ "pyproject.toml": `${POETRY}${line}\n` }));
    expect(words).toEqual(["python 3.12", text]);
  });

  test("groups are installed, optional ones are not", () => {
    const groups =
      '[tool.poetry.group.dev.dependencies]\na = "1"\n[tool.poetry.group.docs]\noptional = true\n[tool.poetry.group.docs.dependencies]\nb = "1"';
    expect(wordsOf(planOf({ "pyproject.toml": POETRY + groups }))).toEqual(["python 3.12", "a==1"]);
  });

  test("the project is installed where its package is there, and not otherwise", () => {
    const toml = `${POETRY}[build-system]\nrequires = ["poetry-core"]\n`;
    expect(wordsOf(planOf({ "pyproject.toml": toml }))).toEqual(["python 3.12"]);
    const words = wordsOf(planOf({ "pyproject.toml": toml, "demo/__init__.py": "" }));
    expect(words).toEqual(["python 3.12", "project ."]);
  });

  test("an old lock is followed from what the project asks for", () => {
    const toml = `${POETRY}click = "^8"\nrequests = {version = "*", extras = ["socks"]}\n`;
    expect(lockOf({ "pyproject.toml": toml, "poetry.lock": OLD_LOCK })?.requirements).toEqual([
      `click==8.1.7 --hash=${H}`,
      'colorama==0.4.6 ; platform_system == "Windows"',
      "requests==2.31",
      "pysocks==1.7.1",
    ]);
  });

  test("a new lock says it itself", () => {
    const toml = `${POETRY}[tool.poetry.group.dev.dependencies]\npytest = "*"\n`;
    expect(lockOf({ "pyproject.toml": toml, "poetry.lock": NEW_LOCK })?.requirements).toEqual([
      `click==8.1.7 --hash=${H}`,
      'pytest==8 ; python_version >= "3.9"',
      'both==1 ; (sys_platform == "linux") or (sys_platform == "win32")',
    ]);
  });
});

describe("Pipfile", () => {
  const PIPFILE =
    '[[source]]\nurl = "https://pypi.org/simple"\n[packages]\nflask = "*"\nx = {version = ">=1", sys_platform = "== \'linux\'", extras = ["a"]}\n[dev-packages]\npytest = "==8"\n[requires]\npython_version = "3.11"\n';

  test("packages and development packages, as with --dev", () => {
    expect(wordsOf(planOf({ Pipfile: PIPFILE, "requirements.txt": "six" }))).toEqual([
      "python 3.11",
      "flask",
      'x[a]>=1 ; sys_platform == "linux"',
      "pytest==8",
    ]);
  });

  test("the lock decides, alone or beside the Pipfile", () => {
    const lock = JSON.stringify({
      _meta: {
        requires: { python_version: "3.13" },
        sources: [{ url: "https://example.org/simple" }],
      },
      default: { flask: { version: "==3.0", hashes: [H], markers: "python_version >= '3.8'" } },
      develop: { flask: { version: "==3.0", hashes: [H] } },
    });
    for (const files of [{ "Pipfile.lock": lock }, { Pipfile: PIPFILE, "Pipfile.lock": lock }]) {
      const words = wordsOf(planOf(files));
      expect(words[0]).toBe("python 3.13");
      expect(lockOf(files)).toMatchObject({
        format: "pipfile",
        requirements: [`flask==3.0 ; python_version >= "3.8" --hash=${H}`],
        options: [{ name: "index-url", value: "https://example.org/simple" }],
      });
    }
  });

  test("a directory of the repository is installed as a project", () => {
    const words = wordsOf(
      planOf({ Pipfile: '[packages]\np = {path = ".", editable = true}', "setup.py": "" }),
    );
    expect(words).toEqual(["python 3.12", "editable ."]);
  });
});

describe("pylock.toml", () => {
  const PYLOCK = `lock-version = "1.0"
requires-python = ">=3.11,<3.12"
default-groups = ["dev"]
[[packages]]
name = "attrs"
version = "25.1.0"
wheels = [{name = "a.whl", url = "https://x/a.whl", hashes = {sha256 = "aa"}}]
[[packages]]
name = "pytest"
version = "8"
marker = "'dev' in dependency_groups and os_name == 'posix'"
[[packages]]
name = "docs"
version = "8"
marker = "'docs' in extras"
[[packages]]
name = "p"
vcs = {type = "git", url = "https://example.org/p", commit-id = "abc"}
[[packages]]
name = "z"
archive = {url = "https://example.org/z.tar.gz", hashes = {sha256 = "bb"}}
`;

  test("is read as exact requirements, with the groups that are there by default", () => {
    expect(wordsOf(planOf({ "pylock.toml": PYLOCK }))[0]).toBe("python 3.11");
    expect(lockOf({ "pylock.toml": PYLOCK })?.requirements).toEqual([
      `attrs==25.1.0 --hash=${H}`,
      'pytest==8 ; os_name == "posix"',
      "p @ git+https://example.org/p@abc",
      "z @ https://example.org/z.tar.gz --hash=sha256:bb",
    ]);
  });

  test("its comments and order do not change the key", () => {
    const key = planOf({ "pylock.toml": PYLOCK }).key;
    expect(planOf({ "pylock.toml": `# hello\n${PYLOCK}` }).key).toBe(key);
    expect(planOf({ "pylock.toml": PYLOCK.replace("25.1.0", "25.2.0") }).key).not.toBe(key);
  });
});

describe("which lock is installed", () => {
  const PROJECT = '[project]\nname = "p"\nversion = "1"\n';
  const PYLOCK = 'lock-version = "1.0"\n';
  test.each<[string, Files, string | null]>([
    [
      "uv.lock before the others",
      { "pyproject.toml": PROJECT, "uv.lock": "", "pylock.toml": PYLOCK, "poetry.lock": "" },
      "uv.lock",
    ],
    [
      "pylock.toml before poetry's",
      { "pyproject.toml": PROJECT, "pylock.toml": PYLOCK, "poetry.lock": "" },
      "pylock.toml",
    ],
    [
      "poetry.lock beside [project]",
      { "pyproject.toml": PROJECT, "poetry.lock": "" },
      "poetry.lock",
    ],
    ["none beside requirements.txt", { "requirements.txt": "six", "pylock.toml": PYLOCK }, null],
    ["none beside environment.yml", { "environment.yml": "", "pylock.toml": PYLOCK }, null],
    ["none beside a Pipfile", { Pipfile: "", "pylock.toml": PYLOCK }, null],
  ])("%s", (_, files, path) => {
    expect(lockOf(files)?.path ?? null).toBe(path);
  });
});
