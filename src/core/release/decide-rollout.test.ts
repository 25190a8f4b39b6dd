/** A release's way: each step after the one before, and the way back from wherever it is. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";
import { decideRollout } from "./decide-rollout.ts";
import { rollBackRelease, submitRelease } from "./order-release.ts";
import { releaseFindings } from "./release-findings.ts";
import {
  type GateCanary,
  NO_RELEASES,
  type ReleaseState,
  type RolloutStep,
  type StepResult,
} from "./release.ts";
import type { ReleaseHold } from "./shedding.ts";

const RUNNING = { staging: "v1", production: "v1" };
const GREEN: GateCanary = {
  kind: "cached",
  hasReached: true,
  wasToldTooEarly: false,
  because: null,
};

/** Answers of the outside to each step, by kind and stage; without one it is well. */
type Answers = Readonly<Record<string, (id: number, nth: number) => StepResult | null>>;

class Way {
  state: ReleaseState = NO_RELEASES;
  nowMs = 0;
  hold: ReleaseHold = "nothing";
  readonly steps: string[] = [];
  readonly #asked = new Map<string, number>();
  readonly #policy: Policy;
  readonly #answers: Answers;

  constructor(answers: Answers = {}, policy: Partial<Policy> = {}) {
    this.#policy = { ...DEFAULT_POLICY, releaseBakeMs: 0, ...policy };
    this.#answers = answers;
  }

  submit(release: string, isEmergency = false): this {
    this.state = submitRelease(this.state, release, isEmergency, this.nowMs).next;
    return this;
  }

  run(forMs = 20 * MINUTE_MS): this {
    const untilMs = this.nowMs + forMs;
    let result: StepResult | null = null;
    for (; this.nowMs <= untilMs; this.nowMs += SECOND_MS) {
      const observed = { result, hold: this.hold, samples: [] };
      const { next, step } = decideRollout(this.state, observed, this.#policy, this.nowMs);
      this.state = next;
      result = step === null ? null : this.#answer(step);
    }
    return this;
  }

  #answer(step: RolloutStep): StepResult | null {
    const name = step.kind === "deploy" ? `${step.release}>${step.stage}` : step.kind;
    this.steps.push(name);
    const nth = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, nth);
    const given = this.#answers[name]?.(step.id, nth);
    if (given !== undefined) return given;
    if (step.kind === "inspect")
      return { kind: "inspected", id: step.id, missing: [], current: RUNNING };
    if (step.kind === "gate") return { kind: "gated", id: step.id, canaries: [GREEN] };
    return { kind: "deployed", id: step.id };
  }
}

const transient = (id: number): StepResult => ({
  kind: "failed",
  id,
  isTransient: true,
  because: "refused a connection",
});
const legitimate = (id: number): StepResult => ({
  kind: "failed",
  id,
  isTransient: false,
  because: "does not start",
});
const gated =
  (canary: Partial<GateCanary>) =>
  (id: number): StepResult => ({
    kind: "gated",
    id,
    canaries: [GREEN, { ...GREEN, kind: "cold", ...canary }],
  });
const GOOD_WAY = ["inspect", "v2>staging", "gate", "v2>production"];
const FIVE = [1, 2, 3, 4, 5];

describe("decideRollout", () => {
  it.each<[string, Answers, string[], string, string | null]>([
    ["is good", {}, GOOD_WAY, "done", null],
    [
      "misses something",
      { inspect: (id) => ({ kind: "inspected", id, missing: ["chart:v2"], current: RUNNING }) },
      ["inspect"],
      "refused",
      "missing-artifact",
    ],
    [
      "does not start on staging",
      { "v2>staging": legitimate },
      ["inspect", "v2>staging", "v1>staging"],
      "rolled-back",
      "deploy-failed",
    ],
    [
      "fails a canary",
      { gate: gated({ hasReached: false, because: "404" }) },
      ["inspect", "v2>staging", "gate", "v1>staging"],
      "rolled-back",
      "gate",
    ],
    [
      "says ready too early",
      { gate: gated({ wasToldTooEarly: true }) },
      ["inspect", "v2>staging", "gate", "v1>staging"],
      "rolled-back",
      "gate",
    ],
    [
      "does not start in production",
      { "v2>production": legitimate },
      [...GOOD_WAY, "v1>production", "v1>staging"],
      "rolled-back",
      "deploy-failed",
    ],
    [
      "stumbles twice",
      {
        inspect: (id, nth) =>
          nth < 3 ? transient(id) : { kind: "inspected", id, missing: [], current: RUNNING },
      },
      ["inspect", "inspect", ...GOOD_WAY],
      "done",
      null,
    ],
    [
      "stumbles for ever before anything was touched",
      { inspect: transient },
      ["inspect", ...FIVE.map(() => "inspect")],
      "refused",
      "transient",
    ],
    [
      "never answers",
      { "v2>staging": () => null },
      ["inspect", ...[0, ...FIVE].map(() => "v2>staging"), "v1>staging"],
      "rolled-back",
      "transient",
    ],
    [
      "stumbles on its way back",
      {
        gate: gated({ hasReached: false }),
        "v1>staging": (id, nth) => (nth < 9 ? transient(id) : { kind: "deployed", id }),
      },
      ["inspect", "v2>staging", "gate", ...[...FIVE, 6, 7, 8, 9].map(() => "v1>staging")],
      "rolled-back",
      "gate",
    ],
    [
      "runs already",
      {
        inspect: (id) => ({
          kind: "inspected",
          id,
          missing: [],
          current: { staging: "v1", production: "v2" },
        }),
      },
      ["inspect"],
      "done",
      null,
    ],
  ])("a release that %s", (_what, answers, steps, outcome, cause) => {
    const way = new Way(answers).submit("v2").run();
    expect(way.steps).toEqual(steps);
    expect(way.state.ended[0]).toMatchObject({ release: "v2", outcome, cause });
    expect(way.state.current).toBeNull();
  });

  it.each<[string, Partial<Policy>, Answers, string[]]>([
    [
      "gate",
      { releaseGateCanaries: 0 },
      { gate: gated({ hasReached: false }) },
      ["inspect", "v2>staging", "v2>production"],
    ],
    ["preflight", { releasePreflightMs: 0 }, {}, GOOD_WAY],
  ])("goes on without its %s when that is switched off", (_what, policy, answers, steps) => {
    expect(new Way(answers, policy).submit("v2").run().steps).toEqual(steps);
  });

  it("takes one after the other, and the urgent one first", () => {
    const way = new Way().submit("v2").submit("v3").submit("v4", true).run();
    expect(way.state.ended.map(({ release }) => release)).toEqual(["v3", "v2", "v4"]);
  });

  it("keeps what is not urgent back while people are turned away, also before production", () => {
    const way = new Way();
    way.hold = "everything";
    expect(way.submit("v2").run().steps).toEqual([]);
    expect(way.submit("v3", true).run().state.ended[0]).toMatchObject({
      release: "v3",
      outcome: "done",
    });
    way.hold = "nothing";
    way.run(2 * SECOND_MS).hold = "everything";
    expect(way.run().state.current).toMatchObject({
      release: "v2",
      phase: "production",
      touched: ["staging"],
    });
    way.hold = "nothing";
    expect(way.run().state.ended[0]).toMatchObject({ release: "v2", outcome: "done" });
  });

  it("proves a release while all seats are taken, and puts it to work when there are some", () => {
    const way = new Way();
    way.hold = "production";
    expect(way.submit("v2").run().steps).toEqual(["inspect", "v2>staging", "gate"]);
    way.hold = "nothing";
    expect(way.run().state.ended[0]).toMatchObject({ release: "v2", outcome: "done" });
  });

  it("does not let what is held stand in the way of what is urgent", () => {
    const way = new Way();
    way.hold = "production";
    way.submit("v2").run().submit("v3", true).run();
    expect(way.state.ended.map(({ release }) => release)).toEqual(["v3"]);
    expect(way.state.current).toMatchObject({ release: "v2", phase: "production" });
  });

  it("ends the bake early for an urgent release", () => {
    const way = new Way({}, { releaseBakeMs: 20 * MINUTE_MS }).submit("v2").run(10 * SECOND_MS);
    expect(way.state.current?.phase).toBe("bake");
    expect(way.submit("v3", true).run(10 * SECOND_MS).state.current?.release).toBe("v3");
  });

  it("ignores an answer that comes after it gave up on it", () => {
    const way = new Way({
      "v2>staging": (id, nth) => (nth === 1 ? null : { kind: "deployed", id: id - 1 }),
    });
    expect(way.submit("v2").run(6 * MINUTE_MS).state.current?.phase).toBe("staging");
  });

  it.each(["staging", "production"] as const)("goes back by command from %s", (stage) => {
    const way = new Way().submit("v2").run();
    const order = rollBackRelease(way.state, stage, "by hand", way.nowMs);
    expect(order.outcome.kind).toBe("done");
    way.state = order.next;
    const back = stage === "staging" ? ["v1>staging"] : ["v1>production", "v1>staging"];
    expect(way.run().steps).toEqual([...GOOD_WAY, ...back]);
  });

  it("refuses what makes no sense", () => {
    const way = new Way().submit("v2");
    expect(submitRelease(way.state, "v2", false, 0).outcome.kind).toBe("refused");
    expect(rollBackRelease(NO_RELEASES, "production", "", 0).outcome.kind).toBe("refused");
  });

  it.each<[string, Answers, string | null, string]>([
    ["is good", {}, null, ""],
    [
      "misses something",
      { inspect: (id) => ({ kind: "inspected", id, missing: ["chart:v2"], current: RUNNING }) },
      "release-incomplete",
      "chart:v2",
    ],
    [
      "fails its gate",
      { gate: gated({ hasReached: false, because: "404" }) },
      "release-bad",
      "a cold canary failed: 404; it was taken back",
    ],
  ])("names a release that %s", (_what, answers, cause, says) => {
    const way = new Way(answers).submit("v2").run(MINUTE_MS);
    const [finding] = releaseFindings(way.state, DEFAULT_POLICY, way.nowMs);
    expect(finding?.cause ?? null).toBe(cause);
    expect(finding?.evidence ?? "").toContain(says);
    expect(releaseFindings(way.state, DEFAULT_POLICY, way.nowMs + 10 * MINUTE_MS)).toEqual([]);
  });
});
