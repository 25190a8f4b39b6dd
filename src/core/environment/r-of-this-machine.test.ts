/** Which R is planned, and who can build it, by the R that this machine has. */
import { expect, test } from "vitest";
import { LOCAL_STEP_KINDS } from "./decide-engine.ts";
import { type Files, OPTIONS, planOf } from "./planning-in-tests.ts";

const SCRIPT = { "install.R": "" };
const conda = { ...SCRIPT, "environment.yml": "dependencies: [r-base=4.1]" };

test.each<[string, string | null, Files, string, "local" | "container"]>([
  ["no file asks for a version", "4.2.2", SCRIPT, "4.2.2", "local"],
  ["there is no R", null, SCRIPT, "4.4", "container"],
  ["its minor is asked for", "4.2.2", { "runtime.txt": "r-4.2" }, "4.2", "local"],
  ["its patch is asked for", "4.2.2", { "runtime.txt": "r-4.2.2-2023-01-31" }, "4.2.2", "local"],
  ["another patch is asked for", "4.2.2", { "runtime.txt": "r-4.2.1" }, "4.2.1", "container"],
  ["another minor is asked for", "4.2.2", { "runtime.txt": "r-4.4" }, "4.4", "container"],
  ["a minor that only begins alike", "4.20.1", { "runtime.txt": "r-4.2" }, "4.2", "container"],
  ["it is new enough", "4.2.2", { DESCRIPTION: "Depends: R (>= 4.1)\n" }, "4.2.2", "local"],
  ["it is too old", "4.2.2", { DESCRIPTION: "Depends: R (>= 4.3)\n" }, "4.4", "container"],
  ["conda brings its own", "4.2.2", conda, "4.4", "local"],
])("%s", (_, r, files, version, engine) => {
  const localSteps = new Set([...LOCAL_STEP_KINDS, "conda" as const]);
  const plan = planOf(files, { ...OPTIONS, r, localSteps });
  const step = plan.steps.find(({ kind }) => kind === "r");
  expect(step).toMatchObject({ version });
  expect(plan.engine.kind).toBe(engine);
});
