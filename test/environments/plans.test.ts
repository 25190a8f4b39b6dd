/** What is planned for every repository of the corpus, and that each plan can be rendered. */
import { describe, expect, it } from "vitest";
import { LOCAL_STEP_KINDS } from "#core/environment/decide-engine.ts";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import { OPTIONS, planOf, snapshotOf, wordsOf } from "#core/environment/planning-in-tests.ts";
import { renderImage } from "#core/rendering/render-image.ts";
import { IMAGE_OPTIONS } from "#core/rendering/rendering-in-tests.ts";
import { CORPUS } from "./corpus.ts";

const localSteps = new Set([...LOCAL_STEP_KINDS, "apt" as const, "node" as const]);
const options = { ...OPTIONS, localSteps };
const refused = CORPUS.filter((sample) => sample.refused !== undefined);
const planned = CORPUS.filter((sample) => sample.refused === undefined);

it("has at least forty repositories with names of their own", () => {
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(40);
});

describe("the plan for", () => {
  it.each(planned)("$name", ({ files, plans = [], plansNot = [], engine }) => {
    const plan = planOf(files, options);
    const words = wordsOf(plan);
    expect(words).toEqual(expect.arrayContaining([...plans]));
    for (const word of plansNot) expect(words).not.toContain(word);
    expect(plan.engine.kind).toBe(engine ?? plan.engine.kind);
  });
});

describe("the refusal of", () => {
  it.each(refused)("$name", ({ files, refused: [code, part] = ["", ""] }) => {
    const outcome = planEnvironment(snapshotOf(files), options);
    const message: unknown = expect.stringContaining(part);
    expect(outcome).toMatchObject({ kind: "refused", failure: { code, message } });
  });
});

describe("the Dockerfile of", () => {
  it.each(planned)("$name", ({ files }) => {
    const image = renderImage(planOf(files, options), IMAGE_OPTIONS);
    const text = image.kind === "made" ? image.dockerfile : `# own\nFROM ${image.path}\n`;
    const words = text
      .replaceAll(/\\\n/g, " ")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    const known = /^(?:#|FROM|COPY|RUN|ENV|USER|WORKDIR|LABEL|EXPOSE|ENTRYPOINT|CMD)$/;
    expect(words.filter((word) => !known.test(word ?? ""))).toEqual([]);
    expect(words.slice(0, 2)).toEqual(["#", "FROM"]);
  });
});
