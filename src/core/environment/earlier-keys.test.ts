/** The keys of earlier builders: the same inputs, and nothing else is different. */
import { expect, it } from "vitest";
import { earlierKeys } from "./environment-key.ts";
import { planOf } from "./planning-in-tests.ts";

const plan = planOf({ "requirements.txt": "numpy" });

it("are one for each version, and today's for today's", () => {
  const version = plan.keyInputs.find(({ name }) => name === "builder")?.value ?? "";
  const keys = earlierKeys(plan, [version, "0"]);
  expect(keys[0]).toBe(plan.key);
  expect(keys[1]).toMatch(/^[0-9a-f]{64}$/);
  expect(keys[1]).not.toBe(plan.key);
});

it("differ where the plans differ", () => {
  const other = planOf({ "requirements.txt": "six" });
  expect(earlierKeys(other, ["0"])).not.toEqual(earlierKeys(plan, ["0"]));
});

it("are none while there was no other builder", () => {
  expect(earlierKeys(plan)).toEqual([]);
});
