/** A table of how long a launch may take. */
import { expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { launchLimitMs } from "./launch-limit.ts";
import { type LaunchStage, NOTHING_TRIED } from "./launch-stage.ts";
import { GROUND } from "./starting-in-tests.ts";

const BUILDING = { ...GROUND, kind: "building" } as unknown as LaunchStage;
const STARTING: LaunchStage = { kind: "starting", ground: GROUND, beside: [] };

it.each([
  ["without a build, by its own limit", STARTING, false, 60, 45],
  ["that waits for a build, as long as that may", BUILDING, false, 60, 75],
  ["whose build has ended, too", STARTING, true, 60, 75],
  ["whose build is short, by its own limit", BUILDING, false, 20, 45],
])("a launch %s", (_title, stage, hasBuilt, buildMin, limitMin) => {
  const policy = { launchTimeoutMs: 45 * MINUTE_MS, buildTimeoutMs: buildMin * MINUTE_MS };
  const tried = { ...NOTHING_TRIED, hasBuilt };
  expect(launchLimitMs({ stage, tried }, policy)).toBe(limitMin * MINUTE_MS);
});
