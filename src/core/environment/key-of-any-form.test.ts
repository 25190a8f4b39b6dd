/** For each kind of file: line ends, comments and order of what has none change no key. */
import { describe, expect, test } from "vitest";
import { type Files, planOf } from "./planning-in-tests.ts";

const REPOSITORIES: readonly (readonly [string, Files])[] = [
  ["requirements.txt", { "requirements.txt": "numpy>=1\nsix # x\n" }],
  ["runtime.txt", { "runtime.txt": "python-3.11\n" }],
  ["pyproject.toml", { "pyproject.toml": '[project]\nname = "p"\ndependencies = ["six"]\n' }],
  ["poetry", { "pyproject.toml": '[tool.poetry]\n[tool.poetry.dependencies]\nsix = "^1"\n' }],
  [
    "poetry.lock",
    {
      "pyproject.toml": '[tool.poetry]\n[tool.poetry.dependencies]\nsix = "^1"\n',
      "poetry.lock": '[[package]]\nname = "six"\nversion = "1.17"\nfiles = []\n',
    },
  ],
  ["Pipfile", { Pipfile: '[packages]\nsix = "*"\n' }],
  [
    "pylock.toml",
    { "pylock.toml": 'lock-version = "1.0"\n[[packages]]\nname = "six"\nversion = "1"\n' },
  ],
  ["setup.cfg", { "setup.cfg": "[options]\ninstall_requires =\n    six\n    attrs\n" }],
  ["environment.yml", { "environment.yml": "dependencies:\n  - numpy\n  - pip:\n    - six\n" }],
  ["pixi.toml", { "pixi.toml": '[dependencies]\nnumpy = "*"\n' }],
  ["apt.txt", { "apt.txt": "git\nvim\n" }],
  ["install.R", { "install.R": "install.packages('x')\n" }],
  ["Project.toml", { "Project.toml": '[deps]\nPlots = "x"\n' }],
];

describe("the key of a repository with", () => {
  test.each(REPOSITORIES)("%s is the same with other line ends", (_, files) => {
    const crlf = change(files, (text) => text.replaceAll("\n", "\r\n"));
    expect(planOf(crlf).key).toBe(planOf(files).key);
  });

  test.each(REPOSITORIES)("%s is the same with comments and blank lines", (_, files) => {
    const commented = change(files, (text) => `# hello\n\n${text}\n# the end\n`);
    expect(planOf(commented).key).toBe(planOf(files).key);
  });

  test.each(REPOSITORIES)("%s is the same beside other files", (_, files) => {
    const more = { ...files, "README.md": "x", "a.ipynb": "{}", "data/x.csv": "1" };
    expect(planOf(more).key).toBe(planOf(files).key);
  });

  test.each(REPOSITORIES)("%s is not that of an empty repository", (_, files) => {
    expect(planOf(files).key).not.toBe(planOf({}).key);
  });
});

function change(files: Files, how: (text: string) => string): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, text === null ? null : how(text)]),
  );
}
