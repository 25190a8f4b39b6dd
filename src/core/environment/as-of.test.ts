/** Resolving an old repository as on a day. */
import { describe, expect, test } from "vitest";
import { planEnvironment } from "./plan-environment.ts";
import { OPTIONS, planOf, snapshotOf } from "./planning-in-tests.ts";

describe("as on a day", () => {
  test("each step that chooses versions says so, and so does the key", () => {
    const files = { "apt.txt": "git", "requirements.txt": "six", "install.R": "" };
    const plan = planOf(files, { ...OPTIONS, asOf: "2024-01-31" });
    expect(plan.asOf).toBe("2024-01-31");
    expect(plan.steps).toMatchObject([
      { kind: "apt", asOf: "2024-01-31" },
      { kind: "python" },
      { kind: "packages", asOf: "2024-01-31" },
      { kind: "r", snapshot: "2024-01-31" },
    ]);
    expect(plan.key).not.toBe(planOf(files).key);
  });

  test("a day that is none is refused", () => {
    const outcome = planEnvironment(snapshotOf({}), { ...OPTIONS, asOf: "yesterday" });
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "request-invalid" } });
  });
});
