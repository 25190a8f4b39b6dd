/** Tables for two servers of one launch, for starts that nobody can be asked for, and what people hear. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { failure } from "../errors.ts";
import type { SessionState } from "../session/session.ts";
import { type LaunchAnswer, type LaunchStage, NOTHING_TRIED } from "./launch-stage.ts";
import {
  attempt,
  decide,
  ended,
  GROUND,
  PLACING,
  probing,
  PULLING,
  RUNNING,
  session,
  STARTING,
} from "./starting-in-tests.ts";

describe("two servers of one launch", () => {
  const both = [attempt("a"), attempt("b", { sinceMs: 14_000 })];

  it("are probed together", () => {
    const decided = decide(probing(both), [session("a", RUNNING), session("b", RUNNING)]);
    expect(decided.action).toMatchObject({ kind: "probe", sessions: [{ id: "a" }, { id: "b" }] });
  });

  it("end as one: whoever answers first is kept, the other is stopped and its machine noted", () => {
    const decided = decide(probing(both), [session("a", RUNNING), session("b", RUNNING)], {
      answer: { kind: "probed", answering: "b" },
      nowMs: 18_000,
    });
    expect(decided.events.at(-1)?.result?.sessionId).toBe("b");
    expect(decided.action).toEqual({ kind: "finish", stopSessions: ["a"] });
    expect(decided.outcomes?.map(({ node, isGood }) => [node, isGood])).toEqual([
      ["node-a", false],
      ["node-b", true],
    ]);
  });

  it("go on with the one that is left when the other fails", () => {
    const decided = decide(probing(both), [session("a", RUNNING), session("b", ended("killed"))]);
    expect(decided.action).toEqual({ kind: "drop", sessionIds: ["b"] });
    expect(decided.stage).toMatchObject({ tries: [{ sessionId: "a" }] });
  });

  it("are not made three", () => {
    const decided = decide(probing(both), [session("a", RUNNING), session("b", RUNNING)], {
      nowMs: 40_000,
      answer: { kind: "probed", answering: null },
    });
    expect(decided.action.kind).toBe("wait");
  });

  it("found after a restart are both watched, and no third is started", () => {
    const decided = decide({ kind: "resolving" }, [session("a", RUNNING), session("b", RUNNING)]);
    expect(decided.action).toMatchObject({ kind: "probe", sessions: [{ id: "a" }, { id: "b" }] });
  });

  it("found after a restart are one when somebody works in one", () => {
    const used = { ...session("a", RUNNING), lastActivityAtMs: 5 * MINUTE_MS };
    const decided = decide({ kind: "resolving" }, [session("b", RUNNING), used]);
    expect(decided.action).toEqual({ kind: "drop", sessionIds: ["b"] });
    expect(decided.stage).toMatchObject({ tries: [{ sessionId: "a" }] });
  });

  it("found after a restart and both failed are made anew from what they were made from", () => {
    const lost = [session("a", ended("node-failed")), session("b", ended("node-failed"))];
    const decided = decide(probing(both, null), lost, { tried: { starts: 2 } });
    expect(decided.action).toEqual({ kind: "drop", sessionIds: ["a", "b"] });
    expect(decided.stage.kind).toBe("resolving");
    expect(decided.tried?.avoidNodes).toEqual(["node-a", "node-b"]);
  });
});

describe("a start", () => {
  const starting: LaunchStage = { kind: "starting", ground: GROUND, beside: [] };

  it("that failed for the platform's reasons is tried again", () => {
    const why = failure("cluster-refused");
    const decided = decide(starting, [], { answer: { kind: "failed", failure: why } });
    expect(decided.action.kind).toBe("start");
    expect(decided.tried?.starts).toBe(2);
  });

  it("that failed halfway leaves nothing behind", () => {
    const answer: LaunchAnswer = { kind: "failed", failure: failure("cluster-refused") };
    const decided = decide(starting, [session("a", STARTING)], { answer });
    expect(decided.action).toMatchObject({ kind: "start", replaces: ["a"] });
  });

  it("of a rival that failed leaves the first one its time", () => {
    const answer: LaunchAnswer = { kind: "failed", failure: failure("cluster-refused") };
    const decided = decide({ ...starting, beside: [attempt("a")] }, [session("a", RUNNING)], {
      answer,
    });
    expect(decided.action).toMatchObject({ kind: "probe", sessions: [{ id: "a" }] });
  });

  it("that nobody could be asked for is asked for again, and counts once", () => {
    const outage = decide(starting, [], {
      answer: { kind: "outage", failure: null },
      nowMs: 5_000,
    });
    expect(outage.action).toEqual({ kind: "wait", untilMs: 6_000 });
    expect(outage.events).toHaveLength(1);
    const tried = { ...NOTHING_TRIED, starts: 1, ...outage.tried };
    const later = decide(starting, [], { tried, nowMs: 6_000 });
    expect(later.action.kind).toBe("start");
    const still = decide(starting, [], {
      tried,
      answer: { kind: "outage", failure: null },
      nowMs: 45_000,
    });
    expect(still.action).toEqual({ kind: "wait", untilMs: 55_000 });
    expect(still.events).toHaveLength(0);
  });

  it.each([
    { since: "just now", outageSinceMs: null, action: "wait", starts: 1 },
    { since: "for nearly a minute", outageSinceMs: 10_000, action: "wait", starts: 1 },
    { since: "for a minute", outageSinceMs: 9_000, action: "start", starts: 2 },
  ])(
    "that is not answered $since while others are: $action",
    ({ action, outageSinceMs, starts }) => {
      const answer: LaunchAnswer = { kind: "outage", failure: failure("cluster-refused") };
      const decided = decide(starting, [], { answer, tried: { outageSinceMs }, nowMs: 69_000 });
      expect(decided.action.kind).toBe(action);
      expect(decided.tried?.starts).toBe(starts);
    },
  );

  it("is charged nothing for the time in which nobody could be asked", () => {
    const decided = decide(probing([attempt("a")]), [session("a", STARTING)], {
      tried: { outageSinceMs: 5_000 },
      answer: { kind: "looked" },
      nowMs: 70_000,
    });
    expect(decided.action.kind).toBe("wait");
    expect(decided.stage).toMatchObject({ tries: [{ sinceMs: 65_000 }] });
    expect(decided.tried?.outageSinceMs).toBeNull();
  });
});

describe("a person", () => {
  const told = (step: "placing" | "pulling" | "starting", atMs: number) => ({
    ...(probing([attempt("a", { step, node: null })]) as Extract<LaunchStage, { kind: "probing" }>),
    told: { step, atMs },
  });

  it.each<[string, LaunchStage, SessionState, number, string[]]>([
    [
      "hears nothing of a wait that is over at once",
      probing([attempt("a", { step: "placing", node: null })]),
      PLACING,
      1_000,
      [],
    ],
    [
      "hears of the machine that is awaited",
      probing([attempt("a", { step: "placing", node: null })]),
      PLACING,
      2_000,
      ["queued: A new machine is being started: about 4 min."],
    ],
    [
      "hears it again",
      told("placing", 2_000),
      PLACING,
      22_000,
      ["queued: A new machine is being started: about 4 min."],
    ],
    ["and not too often", told("placing", 2_000), PLACING, 16_000, []],
    [
      "hears of the copy of the environment",
      told("pulling", 2_000),
      PULLING,
      30_000,
      ["launching: The environment is being copied to the machine (30 s)."],
    ],
    [
      "hears that the server starts",
      told("pulling", 2_000),
      STARTING,
      30_000,
      ["launching: Launching server..."],
    ],
  ])("%s", (_title, stage, state, nowMs, heard) => {
    const decided = decide(stage, [session("a", state, null)], {
      nowMs,
      placement: { position: 2, waitMs: 230 * SECOND_MS },
    });
    expect(decided.events.map(({ phase, message }) => `${phase}: ${message}`)).toEqual(heard);
  });

  it("who leaves leaves no session behind", () => {
    const sessions = [session("a", RUNNING), session("b", STARTING), session("c", ended("exited"))];
    const decided = decide(probing([attempt("a"), attempt("b")]), sessions, { isCancelled: true });
    expect(decided.action).toEqual({ kind: "finish", stopSessions: ["a", "b"] });
  });
});
