/** A door that is silent. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import { detectDoor, OPEN_DOOR } from "./detect-door.ts";
import { component, status } from "./observed-in-tests.ts";
import type { ComponentLook } from "./observed.ts";

const policy = { opsIntervalMs: 5_000, opsAnswerTimeoutMs: 4_000, leaderLeaseMs: 15_000 };
const BEGIN_MS = 1_000_000;

function causesAfter(
  seconds: readonly number[],
  components: readonly ComponentLook[] | null,
  restartedAtMs: number | null = null,
) {
  let memory = OPEN_DOOR;
  let causes: readonly string[] = [];
  for (const second of seconds) {
    const given = { status: null, components, controlRestartedAtMs: restartedAtMs };
    const result = detectDoor(memory, given, policy, BEGIN_MS + second * SECOND_MS);
    memory = result.memory;
    causes = result.findings.map(({ cause }) => cause);
  }
  return causes;
}

describe("the door", () => {
  const ready = [component("control-1")];
  const gone = [component("control-1"), component("control-2", { isReady: false })];
  const led = [
    component("control-1", { isLeading: true }),
    component("control-2", { isReady: false }),
  ];
  it.each([
    ["silent once", [0], ready, null, []],
    ["silent twice while the process is there", [0, 9], ready, null, ["control-wedged"]],
    [
      "silent twice and no process is ready",
      [0, 9],
      [component("control-1", { isReady: false })],
      null,
      ["control-down"],
    ],
    ["the one that leads is gone and another takes over", [0, 9, 18, 27], gone, null, []],
    ["and the other does not", [0, 9, 18, 27, 36], gone, null, ["control-wedged"]],
    ["one says that it leads", [0, 9], led, null, ["control-wedged"]],
    ["nobody leads yet", [0, 9], [component("control-1", { isLeading: false })], null, []],
    ["silent twice and nothing is listed", [0, 9], [], null, ["control-down"]],
    [
      "a process that has just begun",
      [0, 9],
      [component("control-1", { startedAtMs: BEGIN_MS })],
      null,
      [],
    ],
    ["just restarted by us", [0, 9], [], BEGIN_MS, []],
    ["restarted by us long ago", [0, 9, 30], [], BEGIN_MS, ["control-down"]],
  ] as const)("%s", (_, seconds, components, restartedAtMs, causes) => {
    expect(causesAfter(seconds, components, restartedAtMs)).toEqual(causes);
  });

  it("forgets its silence with the first answer", () => {
    const silent = detectDoor(
      OPEN_DOOR,
      { status: null, components: null, controlRestartedAtMs: null },
      policy,
      0,
    );
    const given = { status: status(), components: null, controlRestartedAtMs: null };
    expect(detectDoor(silent.memory, given, policy, 9_000).memory).toEqual(OPEN_DOOR);
  });
});
