/** What changes the key, and what must not. */
import { describe, expect, test } from "vitest";
import { BUILD, type Files, OPTIONS, PROJECT, planOf } from "./planning-in-tests.ts";

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
    ["an index", { "requirements.txt": "-i https://example.org/s\nnumpy>=1,<2\nsix" }],
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
