/** Every file that is known, spoiled in every way: a refusal that names it, and never an exception. */
import { describe, expect, it } from "vitest";
import { OWN_FILES } from "./other-files.ts";
import { planEnvironment } from "./plan-environment.ts";
import { type Files, OPTIONS, snapshotOf } from "./planning-in-tests.ts";

/** Programs, and what the tools read that install it. */
const UNREAD = new Set(
  "postBuild start setup.py REQUIRE uv.lock conda-lock.yml flake.nix".split(" "),
);
/** What makes a file count that means something beside another one only. */
const BESIDE: Readonly<Record<string, Files>> = {
  "uv.lock": { "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n' },
  "poetry.lock": { "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n' },
  "setup.cfg": {},
};
const STRUCTURED: Readonly<Record<string, string>> = {
  "Project.toml": "[deps\n",
  "JuliaProject.toml": "deps = \n",
  "environment.yml": "dependencies: [\n",
  "environment.yaml": "- a\n- b\n",
  Pipfile: "[packages\n",
  "Pipfile.lock": "{",
  "runtime.txt": "snake-9",
  "pyproject.toml": "project = 3\nproject = 4\n",
  "pylock.toml": "packages = 3\n",
  "poetry.lock": "package = 3\n",
  "pixi.toml": "dependencies = [\n",
  "renv.lock": "[]",
  "package.json": "[]",
  "apt.txt": "jq; rm -rf /\n",
  Dockerfile: "RUN true\n",
  "requirements.txt": "a b c\n",
  "conda-linux-64.lock": "no address\n",
};

function planned(files: Files, more: Partial<typeof OPTIONS> = {}) {
  return planEnvironment(snapshotOf(files), { ...OPTIONS, ...more });
}

/** The file that the refusal is about, if everything in it says so. */
function refused(outcome: ReturnType<typeof planned>): string | undefined {
  if (outcome.kind !== "refused") return undefined;
  const { code, detail, message } = outcome.failure;
  const file = detail?.file ?? "";
  const isTyped = /^config-(?:invalid|unsupported|conflict)$/.test(code);
  const isListed = outcome.files.some(
    ({ path, verdict }) => path === file && verdict === "unusable",
  );
  return isTyped && isListed && message.includes(file) ? file : undefined;
}

const others = OWN_FILES.filter((name) => name !== "conda-linux-aarch64.lock");

describe("a known file", () => {
  it.each(others)("%s that is a directory", (name) => {
    expect(refused(planned({ ...BESIDE[name], [`${name}/a`]: "x" }))).toBe(name);
  });

  it.each(others)("%s that is a link out of the repository", (name) => {
    expect(refused(planned({ ...BESIDE[name], [name]: "@../../etc/passwd" }))).toBe(name);
  });

  const read = others.filter((name) => !UNREAD.has(name));
  it.each(read)("%s that is no text", (name) => {
    expect(refused(planned({ ...BESIDE[name], [name]: null }))).toBe(name);
  });

  it.each(read)("%s that is larger than the limit", (name) => {
    const text = "# a\n".repeat(100);
    expect(refused(planned({ ...BESIDE[name], [name]: text }, { maxConfigFileBytes: 60 }))).toBe(
      name,
    );
  });

  it.each(Object.entries(STRUCTURED))("%s that is malformed", (name, text) => {
    expect(refused(planned({ ...BESIDE[name], [name]: text }))).toBe(name);
  });
});
