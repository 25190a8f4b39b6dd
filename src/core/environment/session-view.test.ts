/** What a plan says of the session: its variables, its PATH, and a verdict for each file. */
import { describe, expect, test } from "vitest";
import { planOf } from "./planning-in-tests.ts";

describe("1.4: what the session sees", () => {
  test("names and places as in repo2docker's images", () => {
    const { environmentVariables, path } = planOf({});
    expect(environmentVariables).toMatchObject({
      HOME: "/home/jovyan",
      REPO_DIR: "/home/jovyan",
      USER: "jovyan",
      NB_USER: "jovyan",
      NB_UID: "1000",
      SHELL: "/bin/bash",
      APP_BASE: "/srv",
      NB_PYTHON_PREFIX: "/srv/env",
      KERNEL_PYTHON_PREFIX: "/srv/env",
      PYTHONUNBUFFERED: "1",
    });
    expect(path.slice(0, 2)).toEqual(["/home/jovyan/.local/bin", "/srv/env/bin"]);
  });

  test("Julia finds its project, conda its prefix", () => {
    const julia = planOf({ "binder/Project.toml": "" }).environmentVariables;
    expect(julia).toMatchObject({ JULIA_PROJECT: "/home/jovyan/binder" });
    expect(planOf({ "environment.yml": "" }).environmentVariables).toMatchObject({
      CONDA_PREFIX: "/srv/env",
    });
  });

  test("every file that was seen has a verdict with a reason", () => {
    const files = {
      "environment.yml": "",
      "requirements.txt": "six",
      Pipfile: "",
      "setup.py": "",
      "flake.nix": "",
      "package.json": "{}",
      ".env": "",
      "uv.lock": "",
      postBuild: "x",
    };
    const plan = planOf(files);
    expect(plan.files.map(({ path }) => path)).toEqual(Object.keys(files).sort());
    for (const file of plan.files) expect(file.because).not.toBe("");
  });
});
