/** What a session finds in its environment comes from the plan, at the places that it sees. */
import { expect, it } from "vitest";
import { plannedVariables } from "./planned-variables.ts";

it("is what the plan says, with PATH in its order", () => {
  const plan = {
    environmentVariables: { REPO_DIR: "/home/jovyan" },
    path: ["/srv/env/bin", "/bin"],
  };
  expect(plannedVariables(plan, (text) => text)).toEqual({
    REPO_DIR: "/home/jovyan",
    PATH: "/srv/env/bin:/bin",
  });
  const seen = plannedVariables(plan, (text) => text.replaceAll("/srv/env", "/data/store/x"));
  expect(seen["PATH"]).toBe("/data/store/x/bin:/bin");
});

it("leaves PATH alone where the plan has none", () => {
  expect(plannedVariables({ environmentVariables: {}, path: [] }, (text) => text)).toEqual({});
});
