/** Loops that were restarted between two looks. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import { detectLoops, NO_LOOPS } from "./detect-loops.ts";

/** Restarts at each look, one every ten seconds; whether something was found at each. */
function run(restarts: readonly number[], sinceMs: (index: number) => number = () => 0) {
  let memory = NO_LOOPS;
  return restarts.map((count, index) => {
    const loop = { name: "culler", lastProgressAtMs: 0, isStalled: false, restarts: count };
    const given = { loops: [loop], sinceMs: sinceMs(index) };
    const result = detectLoops(memory, given, index * 10 * SECOND_MS);
    memory = result.memory;
    return result.findings.length;
  });
}

describe("loops", () => {
  it.each<[string, Parameters<typeof run>, readonly number[]]>([
    ["at work", [[0, 0, 0]], [0, 0, 0]],
    ["restarted before the watch began", [[3, 3, 3]], [0, 0, 0]],
    [
      "restarted once: told for a minute",
      [[0, 1, 1, 1, 1, 1, 1, 1, 1]],
      [0, 1, 1, 1, 1, 1, 1, 0, 0],
    ],
    ["restarted again and again", [[0, 1, 1, 1, 2, 2, 2, 3]], [0, 1, 1, 1, 1, 1, 1, 1]],
    ["of another control plane", [[0, 0, 2, 2], (index) => (index < 2 ? 0 : 1)], [0, 0, 0, 0]],
  ])("%s", (_, given, found) => {
    expect(run(...given)).toEqual(found);
  });
});
