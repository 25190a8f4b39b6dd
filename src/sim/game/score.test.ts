/** What a person on duty earns. */
import { describe, expect, it } from "vitest";
import type { Cause } from "#core/incident/finding.ts";
import { fault, incident, launch } from "../drill/records-in-tests.ts";
import type { WorldRecord } from "../world/records.ts";
import type { Look, Move } from "./game-record.ts";
import { scoreGame } from "./score.ts";

const MIN = 60;
const DISK = { cause: "node-disk-full", kind: "node", subject: "n-5", id: "disk" } as const;
const FAULT = fault(10 * MIN, "node.disk", ["n-5"]);

/** Times in minutes, the fault's is 10. */
const move = (at: number, command: Move["command"]): Move => ({
  ...{ atMs: at * MIN * 1_000, command, person: "ada", evidence: "x" },
});
const declare = (at: number, cause: Cause = "node-disk-full", subject = "n-5"): Move =>
  move(at, { kind: "declare", cause, subject });
const aside = (at: number): Move => move(at, { kind: "quarantine-node", node: "n-5" });
const look = (at: number, incidents: readonly string[], isSilent = false): Look => ({
  ...{ atMs: at * MIN * 1_000, incidents, isSilent },
});
const life = (opened: number, gone: number, resolved: number): readonly WorldRecord[] => [
  incident(opened * MIN, "opened", DISK),
  incident(gone * MIN, "mitigated", DISK),
  incident(resolved * MIN, "resolved", DISK),
];
const BAD = launch({ at: 10 * MIN + 1, outcome: "failed" });

function scored(
  records: readonly WorldRecord[],
  moves: readonly Move[],
  looks: readonly Look[] = [],
) {
  const inOrder = records.toSorted((a, b) => a.atMs - b.atMs);
  const run = { records: inOrder, virtualMs: 6 * 3_600_000 };
  return scoreGame({ starts: { atMs: 0, zoneMs: 0 } }, run, { moves, looks });
}

describe("a fault's score", () => {
  it("is full for who is quick", () => {
    const moves = [declare(13), aside(14)];
    const { commands, faults, points, pointsMax } = scored(
      [FAULT, ...BAD, ...life(11, 15, 30)],
      moves,
      [look(5, []), look(12, ["disk"])],
    );
    expect([points, pointsMax, commands]).toEqual([100, 100, 1]);
    expect(faults).toMatchObject([
      {
        ...{ fault: "node.disk", atMs: 600_000, causes: ["node-disk-full"], wrongDeclares: 0 },
        stages: {
          detect: { afterMs: 2 * MIN * 1_000, by: "person" },
          cause: { afterMs: 3 * MIN * 1_000, by: "person" },
          mitigate: { afterMs: 5 * MIN * 1_000, by: "person" },
          resolve: { afterMs: 20 * MIN * 1_000, by: "person" },
        },
      },
    ]);
  });

  it.each([
    ["right at once", [declare(12)], 25],
    ["right after one guess", [declare(11, "node-dns"), declare(12)], 13],
    [
      "right, of the wrong machine, then of the right one",
      [declare(11, "node-disk-full", "n-1"), declare(12)],
      13,
    ],
    ["right, and then a guess", [declare(12), declare(13, "node-dns")], 25],
    ["right before there was anything", [declare(9)], 0],
    ["right, late", [declare(30)], 13],
    ["right, far too late", [declare(41)], 0],
    ["wrong", [declare(12, "node-dns")], 0],
    ["never said", [], 0],
  ])("for the cause: %s", (_, moves, points) => {
    const [score] = scored([FAULT, ...life(11, 15, 30)], moves).faults;
    expect(score?.stages.cause).toMatchObject({ points, pointsMax: 25 });
  });

  it.each([
    ["a look that shows it", [look(12, ["disk"])], 2],
    ["a look that shows nothing of it", [look(12, ["older"])], null],
    ["a look at a control plane that is silent", [look(12, [], true)], 2],
    ["a look before it", [look(9, ["disk"])], null],
  ])("seen: %s", (_, looks, minutes) => {
    const [score] = scored([FAULT, ...life(11, 15, 30)], [], looks).faults;
    const afterMs = minutes === null ? null : minutes * MIN * 1_000;
    expect(score?.stages.detect.afterMs).toBe(afterMs);
  });

  it("gives nothing and costs nothing for what the machine did alone", () => {
    const [score] = scored([FAULT, ...life(11, 12, 30)], [aside(13)]).faults;
    expect(score?.stages.mitigate).toEqual({
      afterMs: 120_000,
      by: "machine",
      points: 0,
      pointsMax: 0,
    });
    expect(score?.stages.resolve).toMatchObject({ by: "machine", pointsMax: 0 });
  });

  it("counts what helped people who waited already", () => {
    const waited = launch({ at: 12 * MIN, took: 2 * MIN });
    const [score] = scored([FAULT, ...BAD, ...waited, ...life(11, 12, 30)], [aside(13)]).faults;
    expect(score?.stages.mitigate).toMatchObject({ afterMs: 4 * MIN * 1_000, by: "person" });
  });

  it("is nothing for what was never mitigated and is not over", () => {
    const open = incident(11 * MIN, "opened", DISK);
    const [score] = scored([FAULT, open], [aside(13)]).faults;
    const never = { afterMs: null, by: null, points: 0, pointsMax: 25 };
    expect(score?.stages).toMatchObject({ mitigate: never, resolve: never });
  });

  it("goes by the symptoms where nothing found the cause", () => {
    const symptom = { ...DISK, cause: "launches-failing", subject: "launches" } as const;
    const records = [
      incident(11 * MIN, "opened", symptom),
      incident(20 * MIN, "mitigated", symptom),
      incident(40 * MIN, "resolved", symptom),
    ];
    const { stages } = scored([FAULT, ...records], [aside(13), declare(12)]).faults[0] ?? {};
    expect(stages?.cause.points).toBe(25);
    expect(stages?.mitigate).toMatchObject({ afterMs: 10 * MIN * 1_000, by: "person" });
    expect(stages?.resolve).toMatchObject({ afterMs: 30 * MIN * 1_000, by: "person" });
  });

  it("is one for the same fault of many things", () => {
    const records = [
      FAULT,
      fault(20 * MIN, "node.disk", ["n-6"]),
      fault(30 * MIN, "node.dns", ["n-1"]),
    ];
    expect(scored(records, []).faults.map(({ fault: verb }) => verb)).toEqual([
      "node.disk",
      "node.dns",
    ]);
  });

  it("is none where nothing was wrong", () => {
    expect(scored([], [aside(3)])).toEqual({ faults: [], points: 0, pointsMax: 0, commands: 1 });
  });
});
