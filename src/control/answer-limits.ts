/** An answer that never comes holds up no launch: what is not answered in time is asked again. */
import { MINUTE_MS } from "#base/units.ts";
import { failure } from "#core/errors.ts";
import type { LaunchAction, LaunchAnswer } from "#core/launch/launch-stage.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { LaunchRun } from "./launch-run.ts";
import { withinTime } from "./within-time.ts";

type Act = (run: LaunchRun, action: LaunchAction) => Promise<LaunchAnswer | null>;

/** Far longer than they take. What is not here is limited by whoever carries it out. */
const ANSWER_MAX_MS: Partial<Record<LaunchAction["kind"], number>> = {
  "find-environment": 1 * MINUTE_MS,
  // A large repository is copied into the home.
  start: 5 * MINUTE_MS,
  look: 1 * MINUTE_MS,
};

/** Asking twice is the same as once: each of these finds what the one before has begun. */
export function withAnswerLimits(
  act: Act,
  { clock, log }: { readonly clock: Pick<Clock, "setTimer">; readonly log: Log },
): Act {
  const limited = async (run: LaunchRun, action: LaunchAction, limitMs: number) => {
    const answer = await withinTime(act(run, action), limitMs, clock);
    if (answer !== "late") return answer;
    log.warn("a launch had no answer in time; it asks again", {
      ...{ launch: run.wish.id, action: action.kind },
    });
    return { kind: "outage", failure: failure("cluster-refused") } as const;
  };
  return (run, action) => {
    const limitMs = ANSWER_MAX_MS[action.kind];
    return limitMs === undefined ? act(run, action) : limited(run, action, limitMs);
  };
}
