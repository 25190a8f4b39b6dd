/** Whatever stands in a file, each value of a plan is one value, of the form that it must have. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan, PlanStep } from "./plan.ts";
import { planEnvironment } from "./plan-environment.ts";
import { hasControlCharacters } from "./requirement.ts";
import { type Files, OPTIONS, snapshotOf } from "./planning-in-tests.ts";

const quote = (text: string) => JSON.stringify(text);

/** Each a file with a place for any text, as a value of its format. */
const PLACES: readonly (readonly [string, string, (text: string) => string])[] = [
  ["a package of apt", "apt.txt", (text) => text],
  ["a requirement", "requirements.txt", (text) => text],
  ["a version of R", "runtime.txt", (text) => `r-${text}`],
  ["a package of conda", "environment.yml", (text) => `dependencies: [${quote(text)}]`],
  ["a version of conda", "environment.yml", (text) => `dependencies: [${quote(`numpy=${text}`)}]`],
  ["a channel", "environment.yml", (text) => `channels: [${quote(text)}]`],
  ["pip in conda", "environment.yml", (text) => `dependencies: [{pip: [${quote(text)}]}]`],
  ["a variable", "environment.yml", (text) => `variables: {A: ${quote(text)}}`],
  [
    "a version of poetry",
    "pyproject.toml",
    (text) => `[tool.poetry.dependencies]\nx = ${quote(text)}`,
  ],
  [
    "a marker of poetry",
    "pyproject.toml",
    (text) => `[tool.poetry.dependencies]\nx = {version = "1", markers = ${quote(text)}}`,
  ],
  [
    "an address of poetry",
    "pyproject.toml",
    (text) => `[tool.poetry.dependencies]\nx = {git = ${quote(text)}}`,
  ],
  ["a dependency", "pyproject.toml", (text) => `[project]\ndependencies = [${quote(text)}]`],
  ["a group", "pyproject.toml", (text) => `[dependency-groups]\ndev = [${quote(text)}]`],
  ["a version of pipenv", "Pipfile", (text) => `[packages]\nx = ${quote(text)}`],
  ["a name of pipenv", "Pipfile", (text) => `[packages]\n${quote(text)} = "*"`],
  ["an index of pipenv", "Pipfile", (text) => `[[source]]\nurl = ${quote(text)}`],
  [
    "a hash of pipenv",
    "Pipfile.lock",
    (text) => JSON.stringify({ default: { x: { version: "==1", hashes: [text] } } }),
  ],
  [
    "a marker of pipenv",
    "Pipfile.lock",
    (text) => JSON.stringify({ default: { x: { version: "==1", markers: text } } }),
  ],
  [
    "a name of pylock",
    "pylock.toml",
    (text) => `lock-version = "1.0"\n[[packages]]\nname = ${quote(text)}\nversion = "1"`,
  ],
  [
    "a version of pylock",
    "pylock.toml",
    (text) => `lock-version = "1.0"\n[[packages]]\nname = "x"\nversion = ${quote(text)}`,
  ],
  [
    "an index of pylock",
    "pylock.toml",
    (text) =>
      `lock-version = "1.0"\n[[packages]]\nname = "x"\nversion = "1"\nindex = ${quote(text)}`,
  ],
  [
    "an archive of pylock",
    "pylock.toml",
    (text) => `lock-version = "1.0"\n[[packages]]\nname = "x"\narchive = {url = ${quote(text)}}`,
  ],
  ["an install_requires", "setup.cfg", (text) => `[options]\ninstall_requires =\n  ${text}`],
  ["a version of pixi", "pixi.toml", (text) => `[dependencies]\nx = ${quote(text)}`],
  ["a package of pixi", "pixi.toml", (text) => `[dependencies]\n${quote(text)} = "*"`],
  ["a version of Julia", "Project.toml", (text) => `[compat]\njulia = ${quote(text)}`],
  ["a version of renv", "renv.lock", (text) => JSON.stringify({ R: { Version: text } })],
  [
    "a version of Node",
    "package.json",
    (text) => JSON.stringify({ dependencies: { x: "1" }, engines: { node: text } }),
  ],
  ["an image", ".devcontainer.json", (text) => JSON.stringify({ image: text })],
  [
    "a build argument",
    ".devcontainer.json",
    (text) => JSON.stringify({ build: { dockerfile: "D", args: { A: text }, target: text } }),
  ],
];

const NICE = [
  "numpy",
  "1.2",
  "4.4",
  "x==1",
  "https://example.org/x",
  "os_name == 'nt'",
  "a/b",
  "python:3",
];
const EVIL = [
  "; touch /x",
  "\n-e .",
  "$(x)",
  "`x`",
  " --option=x",
  "-x",
  "\u0000",
  "'",
  '"',
  "\r",
  "| x",
  "&& x",
  " \\",
  "\u2028",
];

const evil = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...EVIL),
  fc.tuple(fc.constantFrom(...NICE), fc.constantFrom(...EVIL, "")).map((parts) => parts.join("")),
  fc.tuple(fc.constantFrom(...EVIL), fc.constantFrom(...NICE)).map((parts) => parts.join("")),
);

describe("no text of the repository gets out of its place", () => {
  test.each(PLACES)("%s", (_, path, write) => {
    fc.assert(
      fc.property(evil, (text) => {
        const files: Files = { [path]: write(text), D: "FROM x" };
        const outcome = planEnvironment(snapshotOf(files), OPTIONS);
        const strange =
          outcome.kind === "planned"
            ? strangeTexts(outcome.plan)
            : [outcome.failure.code].filter((code) => !/^(?:config|python)-/.test(code));
        expect(strange).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

function strangeTexts(plan: Plan): readonly string[] {
  const all = plan.steps.flatMap(textsOf);
  const values = Object.values(plan.environmentVariables);
  return [
    ...[...all, ...values].filter(hasControlCharacters),
    ...plan.steps.flatMap(wordsForPrograms),
  ];
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Values that a program is given and that are not of the form that they must have. */
function wordsForPrograms(step: PlanStep): readonly string[] {
  switch (step.kind) {
    case "apt":
      return step.packages
        .flatMap(({ name, version }) => [name, version ?? "1"])
        .filter((word) => !/^[A-Za-z0-9][A-Za-z0-9.+:~-]*$/.test(word));
    case "conda":
      return [...step.specs, ...step.channels].filter(
        (word) => !/^[A-Za-z0-9_][A-Za-z0-9_.:/<>=!~,|*+ -]*$/.test(word),
      );
    case "packages":
    case "lock":
      return [
        ...step.requirements.filter((line) => !/^(?:[A-Za-z0-9]|git\+)/.test(line)),
        ...step.requirements.filter((line) => / -(?!-hash=\w+:[0-9a-fA-F]+( |$))/.test(line)),
        ...step.options.flatMap(({ value }) => value ?? []).filter((value) => /^-|\s/.test(value)),
      ];
    case "r":
    case "julia":
    case "python":
      return [step.version].filter((word) => !/^\d+(?:\.\d+){1,2}$/.test(word));
    case "node":
      return [step.version ?? "1"].filter((word) => !/^[0-9A-Za-z.*<>=^~| +-]+$/.test(word));
    case "dockerfile":
      return [step.image ?? "x", step.target ?? "x"].filter(
        (word) => !/^[A-Za-z0-9][\w.:/@-]*$/.test(word),
      );
    case "nix":
    case "archive":
    case "project":
    case "postBuild":
      return [];
  }
}
