/** A game day's file, and its pace. */
import { describe, expect, it } from "vitest";
import { type GameRecord, readGameRecord } from "./game-record.ts";
import { nextStepMs } from "./pace.ts";

const RECORD: GameRecord = {
  ...{ version: 1, drill: "disk-full", seed: 3, without: ["restarts"], playedMs: 7_200_000 },
  moves: [
    {
      atMs: 60_000,
      command: { kind: "drain-node", node: "n-1" },
      person: "ada",
      evidence: "it is full",
    },
  ],
  looks: [{ atMs: 30_000, incidents: ["a-1"], isSilent: false }],
};

describe("the record of a game day", () => {
  it("is read as it was written", () => {
    expect(readGameRecord(JSON.stringify(RECORD))).toEqual(RECORD);
  });

  it.each([
    ["no JSON", "{"],
    ["something else", "[]"],
    ["another version", JSON.stringify({ ...RECORD, version: 2 })],
    ["a time before the start", JSON.stringify({ ...RECORD, playedMs: -1 })],
    [
      "a command without a kind",
      JSON.stringify({ ...RECORD, moves: [{ ...RECORD.moves[0], command: {} }] }),
    ],
    ["a look at nothing", JSON.stringify({ ...RECORD, looks: [{ atMs: 1 }] })],
  ])("is refused when it is %s", (_, text) => {
    expect(readGameRecord(text)).toBeNull();
  });
});

describe("the pace", () => {
  it.each([
    ["as much faster as was wished", 50, 60, 9_999_999, 3_000],
    ["whole milliseconds", 33.4, 1.5, 9_999_999, 50],
    ["never past the end", 50, 60, 1_000, 1_000],
    ["some time in any case", 0, 60, 1_000, 1],
    ["no leap after a sleep", 3_600_000, 60, 9_999_999, 60_000],
  ])("is %s", (_, passedMs, pace, leftMs, expected) => {
    expect(nextStepMs(passedMs, pace, leftMs)).toBe(expected);
  });
});
