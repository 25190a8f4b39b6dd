/** Tables for starts of a server: tried elsewhere, raced, waited for, given up. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { failure } from "../errors.ts";
import type { ObservedSession, SessionState } from "../session/session.ts";
import { decideLaunch } from "./decide-launch.ts";
import {
  type LaunchAnswer,
  type LaunchGround,
  type LaunchObserved,
  type LaunchStage,
  type LaunchState,
  NOTHING_TRIED,
  type Tried,
  type Try,
} from "./launch-stage.ts";

const policy = {
  launchTimeoutMs: 45 * MINUTE_MS,
  queueTimeoutMs: 30 * MINUTE_MS,
  launchAttemptsMax: 3,
  launchHedgeMs: 15 * SECOND_MS,
  probeIntervalMs: 1 * SECOND_MS,
  placementTimeoutMs: 10 * MINUTE_MS,
  pullTimeoutMs: 2 * MINUTE_MS,
  sessionStartTimeoutMs: 60 * SECOND_MS,
};
const GROUND = { repo: { commit: "c" }, plan: { coldStartBecause: null } } as LaunchGround;
const RUNNING: SessionState = { kind: "running" };
const STARTING: SessionState = { kind: "starting", step: "starting" };
const PULLING: SessionState = { kind: "starting", step: "pulling" };
const PLACING: SessionState = { kind: "starting", step: "placing" };
const ended = (end: "exited" | "node-failed" | "killed"): SessionState => ({
  kind: "ended",
  end,
  exitCode: null,
});

function session(id: string, state: SessionState, node: string | null = `node-${id}`) {
  return {
    record: { id, token: "t", createdAtMs: 0, claimedAtMs: 0, purpose: null },
    state,
    node,
    lastActivityAtMs: 0,
  } as unknown as ObservedSession;
}

const attempt = (sessionId: string, over: Partial<Try> = {}): Try => ({
  sessionId,
  node: `node-${sessionId}`,
  step: "starting",
  sinceMs: 0,
  ...over,
});

function probing(tries: readonly Try[], ground: LaunchGround | null = GROUND): LaunchStage {
  return {
    kind: "probing",
    tries,
    ground,
    told: { step: "starting", atMs: 0 },
    lookAtMs: Number.POSITIVE_INFINITY,
  };
}

function decide(
  stage: LaunchStage,
  sessions: readonly ObservedSession[],
  {
    answer = null,
    nowMs = 1_000,
    tried = {},
    ...observed
  }: Partial<LaunchObserved> & {
    answer?: LaunchAnswer | null;
    nowMs?: number;
    tried?: Partial<Tried>;
  } = {},
) {
  const state: LaunchState = {
    wish: { buildOnly: false } as LaunchState["wish"],
    submittedAtMs: 0,
    stage,
    tried: { ...NOTHING_TRIED, starts: 1, ...tried },
  };
  const seen: LaunchObserved = {
    sessions,
    seat: { kind: "taken" },
    placement: { position: 1, waitMs: null },
    startP95Ms: null,
    isCancelled: false,
    ...observed,
  };
  return decideLaunch(state, answer, seen, policy, nowMs);
}

describe("a server that started", () => {
  it.each<[string, SessionState, Try, number, LaunchAnswer | null, string]>([
    ["that listens is probed", RUNNING, attempt("a"), 1_000, null, "probe"],
    ["that does not listen is waited for", STARTING, attempt("a"), 1_000, null, "wait"],
    [
      "that was silent is left alone for a moment",
      RUNNING,
      attempt("a"),
      1_000,
      { kind: "probed", answering: null },
      "wait",
    ],
    [
      "that answers ends the launch",
      RUNNING,
      attempt("a"),
      1_000,
      { kind: "probed", answering: "a" },
      "finish",
    ],
    ["that was silent for long gets a rival", RUNNING, attempt("a"), 15_000, null, "start"],
    [
      "that pulls for long gets none",
      PULLING,
      attempt("a", { step: "pulling" }),
      15_000,
      null,
      "wait",
    ],
    [
      "that waits for a machine gets none",
      PLACING,
      attempt("a", { step: "placing" }),
      15_000,
      null,
      "wait",
    ],
    [
      "whose pull is stuck is replaced",
      PULLING,
      attempt("a", { step: "pulling" }),
      120_000,
      null,
      "start",
    ],
    ["whose machine failed is replaced", ended("node-failed"), attempt("a"), 1_000, null, "start"],
    ["that was killed is replaced", ended("killed"), attempt("a"), 1_000, null, "start"],
    ["that ended by itself is not", ended("exited"), attempt("a"), 1_000, null, "finish"],
    [
      "that no machine had room for is not",
      PLACING,
      attempt("a", { step: "placing" }),
      600_000,
      null,
      "finish",
    ],
  ])("%s", (_title, state, tried, nowMs, answer, action) => {
    const decided = decide(probing([tried]), [session("a", state)], { answer, nowMs });
    expect(decided.action.kind).toBe(action);
  });

  it("counts each step from where it began, not from the request", () => {
    const slow = attempt("a", { step: "placing", node: null, sinceMs: 0 });
    const nowMs = 9 * MINUTE_MS;
    const decided = decide(probing([slow]), [session("a", STARTING)], { nowMs });
    expect(decided.stage).toMatchObject({ tries: [{ step: "starting", sinceMs: nowMs }] });
    expect(decided.action.kind).toBe("wait");
  });

  it("is replaced on another machine, and its own is noted", () => {
    const decided = decide(probing([attempt("a")]), [session("a", ended("node-failed"))], {
      tried: { avoidNodes: ["node-z"] },
    });
    expect(decided.action).toMatchObject({
      kind: "start",
      replaces: ["a"],
      avoidNodes: ["node-z", "node-a"],
      isWarmAllowed: false,
    });
    expect(decided.tried).toMatchObject({ starts: 2, givenUp: ["a"] });
    expect(decided.outcomes).toMatchObject([{ node: "node-a", isGood: false }]);
  });

  it("is not tried more often than the limit", () => {
    const decided = decide(probing([attempt("a")]), [session("a", ended("node-failed"))], {
      tried: { starts: 3 },
    });
    expect(decided.events.at(-1)?.failure).toMatchObject({ code: "session-lost" });
    expect(decided.action).toEqual({ kind: "finish", stopSessions: ["a"] });
  });

  it.each<[string, number | null, number, string]>([
    ["after the limit of the policy", null, 15_000, "start"],
    ["after the limit where good starts are quick", 4_000, 15_000, "start"],
    ["later where good starts take long", 12_000, 15_000, "wait"],
    ["at twice what nearly all good starts take", 12_000, 24_000, "start"],
  ])("has a rival %s", (_title, startP95Ms, nowMs, action) => {
    const decided = decide(probing([attempt("a")]), [session("a", RUNNING)], {
      nowMs,
      startP95Ms,
      answer: { kind: "probed", answering: null },
    });
    expect(decided.action.kind).toBe(action);
  });
});

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

  it("of a rival that failed leaves the first one its time", () => {
    const answer: LaunchAnswer = { kind: "failed", failure: failure("cluster-refused") };
    const decided = decide({ ...starting, beside: [attempt("a")] }, [session("a", RUNNING)], {
      answer,
    });
    expect(decided.action).toMatchObject({ kind: "probe", sessions: [{ id: "a" }] });
  });

  it("that nobody could be asked for is asked for again, and counts once", () => {
    const outage = decide(starting, [], { answer: { kind: "outage" }, nowMs: 5_000 });
    expect(outage.action).toEqual({ kind: "wait", untilMs: 6_000 });
    expect(outage.events).toHaveLength(1);
    const tried = { ...NOTHING_TRIED, starts: 1, ...outage.tried };
    const later = decide(starting, [], { tried, nowMs: 6_000 });
    expect(later.action.kind).toBe("start");
    const still = decide(starting, [], { tried, answer: { kind: "outage" }, nowMs: 45_000 });
    expect(still.action).toEqual({ kind: "wait", untilMs: 55_000 });
    expect(still.events).toHaveLength(0);
  });

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
    ["and not too often", told("placing", 2_000), PLACING, 21_000, []],
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
