/** Actions of launches whose answer never comes. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import type { LaunchAction, LaunchAnswer } from "#core/launch/launch-stage.ts";
import { withAnswerLimits } from "./answer-limits.ts";
import type { LaunchRun } from "./launch-run.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const run = { wish: { id: "w" } } as unknown as LaunchRun;
const never = new Promise<LaunchAnswer>(() => undefined);

function limited(answer: Promise<LaunchAnswer>) {
  const timers: { readonly delayMs: number; readonly ring: () => void }[] = [];
  const clock = {
    setTimer: (delayMs: number, ring: () => void) => {
      timers.push({ delayMs, ring });
      return silent;
    },
  };
  return { act: withAnswerLimits(() => answer, { clock, log }), timers };
}

describe("an action of a launch", () => {
  it.each<[LaunchAction["kind"], number]>([
    ["look", 1 * MINUTE_MS],
    ["find-environment", 1 * MINUTE_MS],
    ["start", 5 * MINUTE_MS],
  ])("%s that is not answered is asked again, and fails if that goes on", async (kind, limitMs) => {
    const { act, timers } = limited(never);
    const answer = act(run, { kind } as LaunchAction);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([limitMs]);
    timers[0]?.ring();
    expect(await answer).toMatchObject({ kind: "outage", failure: { code: "cluster-refused" } });
  });

  it.each<LaunchAction["kind"]>(["resolve", "read", "build", "finish", "wait"])(
    "%s is limited by whoever carries it out",
    (kind) => {
      const { act, timers } = limited(never);
      void act(run, { kind } as LaunchAction);
      expect(timers).toEqual([]);
    },
  );

  it("gives the answer that comes in time", async () => {
    const { act } = limited(Promise.resolve({ kind: "looked" }));
    expect(await act(run, { kind: "look", sessionIds: [] })).toEqual({ kind: "looked" });
  });
});
