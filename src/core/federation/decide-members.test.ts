/** Members: who gets launches, by what came of them. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";
import { decideMembers, takeOut } from "./decide-members.ts";
import { decideShares, type SharesState } from "./decide-shares.ts";
import { type MemberLook, type MemberOutcome, type MembersState, NO_MEMBERS } from "./member.ts";

const START_MS = 1_000_000;
const look = (name: string, more: Partial<MemberLook> = {}): MemberLook => ({
  ...{ name, weight: 1, release: "v1", isFull: false },
  ...more,
});
const ABCD = ["a", "b", "c", "d"].map((name) => look(name));
/** `a+` a good launch at a, `a-` a bad one of another repository each time, `a!` a bad canary, `a*` a green one. */
function outcomes(text: string, nowMs: number): MemberOutcome[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word, index) => ({
      member: word.slice(0, 1),
      repoKey: /[!*]$/.test(word) ? null : word.endsWith("=") ? "same" : `repo-${index}`,
      atMs: nowMs,
      isGood: /[+*]$/.test(word),
      because: /[+*]$/.test(word) ? null : "403",
    }));
}

class Door {
  state: MembersState = NO_MEMBERS;
  nowMs = START_MS;
  readonly policy: Policy;
  looks: readonly MemberLook[] = ABCD;
  declared: string | null = "v1";
  found: string[] = [];
  turned: string[] = [];

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...DEFAULT_POLICY, ...policy };
    this.see("");
  }

  see(text: string, afterMs = SECOND_MS): this {
    this.nowMs += afterMs;
    const observed = {
      members: this.looks,
      declaredRelease: this.declared,
      outcomes: outcomes(text, this.nowMs),
    };
    const { next, findings, turns } = decideMembers(this.state, observed, this.policy, this.nowMs);
    this.state = next;
    this.found = findings.map(
      ({ cause, subject, severity }) => `${cause} ${subject.name} ${severity}`,
    );
    this.turned.push(...turns.map(({ member, to }) => `${member} ${to}`));
    return this;
  }

  get weights(): readonly number[] {
    return Object.values(this.state.weights);
  }
}

describe("decideMembers", () => {
  it.each([
    ["nothing", "", [1, 1, 1, 1]],
    ["two failures in a row", "a- a-", [1, 1, 1, 1]],
    ["three failures in a row of three repositories", "a- a- a-", [0, 1, 1, 1]],
    ["three failures in a row of one repository", "a= a= a=", [1, 1, 1, 1]],
    ["one repository that fails at a, and a canary that does", "a= a= a!", [0, 1, 1, 1]],
    ["three red canaries", "a! a! a!", [0, 1, 1, 1]],
    ["failures between good launches", "a- a- a+ a- a- a+", [1, 1, 1, 1]],
    ["many failures, none three times in a row", "a- a- a+ a- a- a+ a- a- a+", [0, 1, 1, 1]],
    ["half of them failing", "a- a- a- b- b- b-", [0, 0, 1, 1]],
  ])("after %s", (_what, text, weights) => {
    expect(new Door().see(text).weights).toEqual(weights);
  });

  it("counts nobody's failures when that is switched off", () => {
    const door = new Door({ memberFailureRatioMax: Number.POSITIVE_INFINITY });
    expect(door.see("a- a- a- a- a- a-").weights).toEqual([1, 1, 1, 1]);
  });

  it("forgets old outcomes", () => {
    const door = new Door()
      .see("a- a-")
      .see("a+", 10 * MINUTE_MS)
      .see("a- a-");
    expect(door.weights).toEqual([1, 1, 1, 1]);
    expect(door.state.members["a"]?.outcomes).toHaveLength(3);
  });

  it.each<[string, Partial<MemberLook>, string | null, number[], string[]]>([
    ["another release", { release: "v0" }, "v1", [0.5, 1, 1, 1], ["member-stale a act"]],
    [
      "another release, and none is known to be declared",
      { release: "v0" },
      null,
      [1, 1, 1, 1],
      [],
    ],
    ["no seat", { isFull: true }, "v1", [0, 1, 1, 1], ["member-full a note"]],
    [
      "no seat and another release",
      { release: "v0", isFull: true },
      "v1",
      [0, 1, 1, 1],
      ["member-stale a act", "member-full a note"],
    ],
    ["twice the weight", { weight: 2 }, "v1", [2, 1, 1, 1], []],
  ])("with %s at a member", (_what, more, declared, weights, found) => {
    const door = new Door();
    door.declared = declared;
    door.looks = [look("a", more), ...ABCD.slice(1)];
    door.see("");
    expect(door.found).toEqual([]);
    door.see("", 40 * SECOND_MS);
    expect(door.weights).toEqual(weights);
    expect(door.found).toEqual(found);
  });

  it("never ejects the correct ones because of a stale one that is full", () => {
    const door = new Door();
    door.declared = "v2";
    door.looks = [
      look("a", { isFull: true }),
      ...ABCD.slice(1).map((one) => ({ ...one, release: "v2" })),
    ];
    expect(door.see("", 40 * SECOND_MS).weights).toEqual([0, 1, 1, 1]);
  });

  it("sends launches to full members when all are full", () => {
    const door = new Door();
    door.looks = ABCD.map((one) => ({ ...one, isFull: true }));
    expect(door.see("").weights).toEqual([1, 1, 1, 1]);
  });

  it("keeps the last weights when most look bad at once, and pages", () => {
    const door = new Door();
    door.looks = [look("a", { weight: 3 }), ...ABCD.slice(1)];
    door.see("").see("a- a- a- b- b- b- c- c- c-");
    expect(door.weights).toEqual([3, 1, 1, 1]);
    expect(door.found).toEqual(["member-failing federation page"]);
    expect(door.turned).toEqual([]);
    door.see("b+ b+ c+ c+");
    expect(door.weights).toEqual([0, 1, 1, 1]);
    expect(door.found).toEqual(["member-failing a act"]);
  });

  it("takes all who fail out when that is switched off, but never everybody", () => {
    const door = new Door({ memberEjectedShareMax: Number.POSITIVE_INFINITY });
    expect(door.see("a- a- a- b- b- b- c- c- c-").weights).toEqual([0, 0, 0, 1]);
    expect(door.see("d- d- d-").weights).toEqual([1, 1, 1, 1]);
  });

  it("lets a member come back after three green canaries, slowly, and not for long when it fails", () => {
    const door = new Door().see("a- a- a-").see("a* a*").see("a!").see("a* a*");
    expect(door.weights[0]).toBe(0);
    door.see("a*");
    expect(door.weights[0]).toBeCloseTo(0.1);
    door.see("a+ a+", MINUTE_MS);
    expect(door.weights[0]).toBeCloseTo(0.55);
    door.see("", MINUTE_MS);
    expect(door.weights[0]).toBe(1);
    expect(door.turned).toEqual(["a out", "a returning"]);
    door.see("a- a- a-").see("a* a* a*").see("a- a-");
    expect(door.weights[0]).toBe(0);
  });

  it("takes a member out by command, but not the last one", () => {
    const door = new Door();
    door.state = takeOut(door.state, "a", "its quota lies", door.nowMs);
    expect(door.weights).toEqual([0, 1, 1, 1]);
    expect(door.see("a+").weights).toEqual([0, 1, 1, 1]);
    for (const name of ["b", "c", "d"]) door.state = takeOut(door.state, name, "", door.nowMs);
    expect(door.weights).toEqual([0, 0, 0, 1]);
  });
});

describe("decideShares", () => {
  const policy = DEFAULT_POLICY;
  const weights = { a: 1, b: 1, c: 1, d: 1 };
  it.each<[string, Record<string, number>, number, string[]]>([
    ["even", { a: 10, b: 10, c: 10, d: 10 }, 3, []],
    ["a little off", { a: 17, b: 8, c: 8, d: 7 }, 3, []],
    ["all at one, for a minute", { a: 40 }, 1, []],
    ["all at one, for two minutes", { a: 40 }, 2, ["a", "b", "c", "d"]],
    ["all at one, but few", { a: 10 }, 3, []],
  ])("when launches are %s", (_what, loads, minutes, names) => {
    let state: SharesState = {};
    let found: string[] = [];
    for (let ms = 0; ms <= minutes * MINUTE_MS; ms += 5 * SECOND_MS) {
      const decision = decideShares(
        state,
        weights,
        new Map(Object.entries(loads)),
        policy,
        START_MS + ms,
      );
      state = decision.next;
      found = decision.findings.map(({ subject }) => subject.name);
    }
    expect(found).toEqual(names);
  });
});
