/** When the shared server serves, and when a repository needs its own. */
import { describe, expect, test } from "vitest";
import type { Plan } from "./plan.ts";
import { type Files, planOf } from "./planning-in-tests.ts";

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

  test.each<[string, Files, string]>([
    ["nothing", { "requirements.txt": "six" }, "nothing"],
    ["start", { start: "#!/bin/sh" }, "start"],
    ["start in binder/", { "binder/start": "#!/bin/sh" }, "binder/start"],
    ["a server extension", { "requirements.txt": "voila" }, "voila"],
    [
      "a server's configuration",
      { "jupyter_notebook_config.py": "" },
      "jupyter_notebook_config.py",
    ],
    ["a directory of configuration", { ".jupyter/x.json": "" }, ".jupyter"],
    ["configuration that is not in the home", { "docs/jupyter_config.py": "" }, "nothing"],
  ])("a session starts cold because of %s", (_, files, because) => {
    const { coldStartBecause } = planOf(files);
    expect(coldStartBecause ?? "nothing").toContain(because);
  });
});
