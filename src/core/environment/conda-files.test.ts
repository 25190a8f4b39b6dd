/** conda environments and their locks. */
import { describe, expect, test } from "vitest";
import { planEnvironment } from "./plan-environment.ts";
import { type Files, OPTIONS, planOf, snapshotOf, wordsOf } from "./planning-in-tests.ts";

const conda = (files: Files) => {
  const step = planOf(files).steps.find(({ kind }) => kind === "conda");
  return step?.kind === "conda" ? step : null;
};
const yaml = (...lines: readonly string[]) => ({
  "environment.yml": ["dependencies:", ...lines.map((line) => `  - ${line}`)].join("\n"),
});

describe("environment.yml", () => {
  test.each<[string, Files, readonly string[]]>([
    [
      "packages in one form",
      yaml("numpy=1.26", "scipy>=1.2,<2"),
      ["numpy 1.26.*", "scipy >=1.2,<2"],
    ],
    [
      "with a part for pip",
      {
        "environment.yml":
          "dependencies:\n- python=3.11\n- pip\n- pip:\n  - six>=1\n  - -r r.txt\n",
        "r.txt": "attrs",
      },
      ["python 3.11.*", "pip", "six>=1", "attrs"],
    ],
    [
      "alone, whatever pip's files say",
      {
        ...yaml("numpy"),
        "requirements.txt": "six",
        Pipfile: "",
        "setup.py": "",
        "pyproject.toml": "[project]\nname='x'\n[build-system]",
      },
      ["numpy"],
    ],
    [
      ".yml before .yaml",
      { ...yaml("numpy"), "environment.yaml": "dependencies: [scipy]" },
      ["numpy"],
    ],
    [".yaml", { "environment.yaml": "dependencies: [scipy]" }, ["scipy"]],
    ["with nothing in it", { "environment.yml": "" }, []],
    ["with anchors", { "environment.yml": "a: &x numpy\ndependencies: [*x]" }, ["numpy"]],
  ])("%s", (_, files, words) => {
    const found = wordsOf(planOf(files)).filter((word) => !/^(?:conda|channel) /.test(word));
    expect(found).toEqual(words);
  });

  test("a project of the pip part is installed, and the whole repository counts", () => {
    const files = { "environment.yml": "dependencies:\n- pip:\n  - -e .\n", "setup.py": "" };
    expect(wordsOf(planOf(files))).toContain("editable .");
    expect(planOf(files).runsRepositoryCode).toBe(true);
  });

  test.each<[string, readonly string[], string | null, string]>([
    ["python=3.12", ["python=3.12"], "3.12.*", "ipykernel"],
    ["python >=3.11", ["python >=3.11"], ">=3.11", "ipykernel"],
    ["python 3.12", ["python 3.12"], "3.12.*", "ipykernel"],
    ["conda-forge::python=3.12", ["conda-forge::python=3.12"], "3.12.*", "ipykernel"],
    ["none", ["numpy"], "3.12.*", "python 3.12.*"],
    ["that of R", ["r-base=4.3"], "3.12.*", "r-irkernel"],
  ])("the Python of %s, and what is added", (_, lines, python, added) => {
    const step = conda(yaml(...lines));
    expect(step?.python).toBe(python);
    expect(step?.added).toContain(added);
  });

  test.each<[string, string, readonly string[]]>([
    ["conda-forge where none is named", "dependencies: []", ["conda-forge"]],
    ["conda-forge last", "channels: [bioconda, defaults]", ["bioconda", "defaults", "conda-forge"]],
    ["only those with nodefaults", "channels: [bioconda, nodefaults]", ["bioconda"]],
    [
      "addresses",
      "channels: ['https://repo.prefix.dev/x']",
      ["https://repo.prefix.dev/x", "conda-forge"],
    ],
  ])("channels: %s", (_, text, channels) => {
    expect(conda({ "environment.yml": text })?.channels).toEqual(channels);
  });

  test("variables are what the session sees", () => {
    const plan = planOf({ "environment.yml": "variables:\n  A: 1\n  B: x\n" });
    expect(plan.environmentVariables).toMatchObject({ A: "1", B: "x" });
    expect(plan.environmentVariables).toHaveProperty("CONDA_PREFIX");
  });

  test("a server of its own comes from conda too", () => {
    expect(conda(yaml("jupyterlab=3"))?.added).toContain("notebook");
    expect(planOf(yaml("jupyterlab=3")).server.kind).toBe("environment");
  });

  test.each<[string, string, RegExp]>([
    ["a list", "- numpy", /^environment\.yml:1: a mapping is expected/],
    ["bad YAML", "dependencies:\n  - a\n bad", /^environment\.yml:\d+: /],
    ["a key twice", "name: a\nname: b", /^environment\.yml:2: /],
    ["dependencies that are a mapping", "dependencies:\n  numpy: 1", /must be a list/],
    [
      "a package with a colon",
      "dependencies:\n- numpy\n- python: 3.8",
      /^environment\.yml:3: "python" with a colon/,
    ],
    ["a number", "dependencies:\n- 3.8", /^environment\.yml:2: "3\.8" is not a package/],
    ["pip's operator and extras", "dependencies:\n- jax[cuda]", /under `pip:`/],
    ["a pip part that is no list", "dependencies:\n- pip: six", /pip must be a list/],
    [
      "a pip line that is none",
      "dependencies:\n- pip:\n  - six\n  - a b c",
      /^environment\.yml:4: /,
    ],
    ["an option as a package", "dependencies:\n- --file=x", /does not begin with/],
    ["a channel that is a path", "channels: [/tmp/x]", /is not a channel/],
    ["PATH as a variable", "variables: {PATH: x}", /PATH cannot be set/],
    [
      "too many aliases",
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /refers to itself/,
    ],
    ["two documents", "a: 1\n---\nb: 2", /one document/],
  ])("%s is refused with its line", (_, text, message) => {
    const outcome = planEnvironment(snapshotOf({ "environment.yml": text }), OPTIONS);
    expect(outcome).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(message) },
    });
  });
});

describe("locks of conda", () => {
  const EXPLICIT =
    "# platform\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/a-1-0.conda#" +
    "0".repeat(32);
  const OWN = "metadata:\n  sources:\n  - environment.yml\n  platforms: []\n";
  test.each<[string, Files, string, string]>([
    ["conda-lock.yml", { "conda-lock.yml": "version: 1" }, "conda-lock", "conda-lock.yml"],
    [
      "conda-lock.yml beside the environment.yml that it was made from",
      { "conda-lock.yml": OWN, "environment.yml": "" },
      "conda-lock",
      "conda-lock.yml",
    ],
    [
      "environment.yml beside another's lock",
      { "conda-lock.yml": "", "environment.yml": "" },
      "environment",
      "environment.yml",
    ],
    [
      "an explicit file for this platform",
      { "conda-linux-64.lock": EXPLICIT },
      "explicit",
      "conda-linux-64.lock",
    ],
    ["pixi.lock", { "pixi.toml": "", "pixi.lock": "" }, "pixi", "pixi.lock"],
    [
      "pixi.lock beside pyproject.toml",
      { "pyproject.toml": "[tool.pixi.dependencies]\npython='3.12.*'", "pixi.lock": "" },
      "pixi",
      "pixi.lock",
    ],
    [
      "pixi.toml alone, which is solved",
      { "pixi.toml": "[dependencies]\nnumpy = '>=1'" },
      "environment",
      "pixi.toml",
    ],
  ])("%s", (_, files, format, path) => {
    expect(conda(files)).toMatchObject({ format, path });
  });

  test("pixi.toml: this platform's packages, and PyPI's", () => {
    const text =
      "[workspace]\nchannels = ['bioconda']\n[dependencies]\npython = '3.12.*'\nmpi = {version='4', build='h*'}\n[target.linux-64.dependencies]\ngcc = '*'\n[target.win-64.dependencies]\nmsvc = '*'\n[pypi-dependencies]\nsix = '>=1'\n";
    expect(wordsOf(planOf({ "pixi.toml": text }))).toEqual([
      "conda environment pixi.toml",
      "channel bioconda",
      "python 3.12.*",
      "mpi 4 h*",
      "gcc *",
      "six>=1",
    ]);
  });

  test("an explicit file with something else in it is refused with its line", () => {
    const outcome = planEnvironment(
      snapshotOf({ "conda-linux-64.lock": `${EXPLICIT}\nrm -rf /` }),
      OPTIONS,
    );
    expect(outcome).toMatchObject({ kind: "refused", failure: { detail: { line: 4 } } });
  });

  test("order and comments change no key, packages do", () => {
    const key = planOf(yaml("numpy", "scipy")).key;
    expect(planOf(yaml("scipy", "numpy # why")).key).toBe(key);
    expect(planOf({ "environment.yml": "# x\nname: y\ndependencies: [scipy, numpy]" }).key).toBe(
      key,
    );
    expect(planOf(yaml("numpy")).key).not.toBe(key);
  });
});
