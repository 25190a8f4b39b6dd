/** Tables for starts of a server: watched, given up, tried elsewhere. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import type { SessionState } from "../session/session.ts";
import type { LaunchAnswer, Try } from "./launch-stage.ts";
import {
  attempt,
  decide,
  ended,
  PLACING,
  probing,
  PULLING,
  RUNNING,
  session,
  STARTING,
} from "./starting-in-tests.ts";

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

describe("a look from outside", () => {
  it.each<[string, number, number]>([
    ["has its time", 1_000, 3_000],
    ["is over when a rival is due", 14_000, 1_000],
  ])("%s", (_title, nowMs, limitMs) => {
    const decided = decide(probing([attempt("a")]), [session("a", RUNNING)], { nowMs });
    expect(decided.action).toMatchObject({ kind: "probe", limitMs });
  });
});

describe("a server of which no hint comes", () => {
  it.each<[string, number, number, string]>([
    ["is asked about when it is time", 2_000, 2_000, "look"],
    ["is not asked about before", 1_999, 2_000, "wait"],
    ["is not asked about where hints are trusted", 9_000, Number.POSITIVE_INFINITY, "wait"],
  ])("%s", (_title, nowMs, launchLookMs, action) => {
    const stage = { ...probing([attempt("a")]), lookAtMs: 2_000 };
    const decided = decide(stage, [session("a", STARTING)], { nowMs, launchLookMs });
    expect(decided.action.kind).toBe(action);
  });
});

describe("a silent server without a spare seat", () => {
  it("makes room for the other one", () => {
    const decided = decide(probing([attempt("a")]), [session("a", RUNNING)], {
      nowMs: 15_000,
      hasSpareSeat: false,
    });
    expect(decided.action).toMatchObject({ kind: "start", replaces: ["a"] });
  });
});
