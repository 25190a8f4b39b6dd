/** What is planned for every repository of the corpus, and that each plan can be rendered. */
import { describe, expect, it } from "vitest";
import { LOCAL_STEP_KINDS } from "#core/environment/decide-engine.ts";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import { OPTIONS, snapshotOf, wordsOf } from "#core/environment/planning-in-tests.ts";
import { renderImage } from "#core/rendering/render-image.ts";
import { CORPUS } from "./corpus.ts";
import { IMAGE_OPTIONS } from "./image-options.ts";

const options = {
  ...OPTIONS,
  localSteps: new Set([...LOCAL_STEP_KINDS, "apt" as const, "node" as const]),
};

it("has at least forty repositories with names of their own", () => {
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(40);
});

describe("the plan for", () => {
  it.each(CORPUS)("$name", ({ files, plans = [], plansNot = [], engine, refused }) => {
    const outcome = planEnvironment(snapshotOf(files), options);
    if (refused !== undefined) {
      const [code, part] = refused;
      expect(outcome).toMatchObject({ kind: "refused", failure: { code } });
      if (outcome.kind === "refused") expect(outcome.failure.message).toContain(part);
      return;
    }
    if (outcome.kind === "refused") throw new Error(outcome.failure.message);
    const { plan } = outcome;
    const words = wordsOf(plan);
    expect(words).toEqual(expect.arrayContaining([...plans]));
    for (const word of plansNot) expect(words).not.toContain(word);
    if (engine !== undefined) expect(plan.engine.kind).toBe(engine);
    const image = renderImage(plan, IMAGE_OPTIONS);
    if (image.kind === "made") expect(image.dockerfile).toMatch(/^# .*\nFROM \S+\n/);
  });
});
