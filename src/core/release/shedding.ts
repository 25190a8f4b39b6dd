/** When releases have to wait: people are being turned away, and a change would hide why. */
import type { Cause } from "../incident/finding.ts";
import type { Incident } from "../incident/incident.ts";
import type { ReleaseState, Rollout } from "./release.ts";

/** How far a release that is not urgent may not go. */
export type ReleaseHold = "nothing" | "production" | "everything";

const HOLDS: ReadonlyMap<Cause, ReleaseHold> = new Map<Cause, ReleaseHold>([
  // Staging has seats of its own, and what is proven there may be what helps.
  ["capacity-exhausted", "production"],
  ["launches-failing", "everything"],
  ["control-wedged", "everything"],
  ["control-down", "everything"],
  ["cluster-api-unreachable", "everything"],
  ["edge-down", "everything"],
  ["quota-ghost", "everything"],
]);

/** Until such an incident is over: one that is only mitigated may come back. */
export function releaseHold(incidents: readonly Incident[]): ReleaseHold {
  let hold: ReleaseHold = "nothing";
  for (const { cause, state } of incidents) {
    if (state === "resolved") continue;
    const held = HOLDS.get(cause) ?? "nothing";
    if (held === "everything") return held;
    if (held === "production") hold = held;
  }
  return hold;
}

/** Its next step has to wait. */
export function isHeld({ isEmergency, phase }: Rollout, hold: ReleaseHold): boolean {
  if (isEmergency || hold === "nothing") return false;
  return phase === "production" || (hold === "everything" && phase === "staging");
}

/** A release that is held makes room for one that is urgent, and begins anew later. */
export function makeRoom(state: ReleaseState, hold: ReleaseHold): ReleaseState {
  const { current, queue } = state;
  if (current === null || current.underWay !== null || current.fall !== null) return state;
  const isWanted = isHeld(current, hold) && queue.some(({ isEmergency }) => isEmergency);
  if (!isWanted || current.touched.includes("production")) return state;
  const { release, submittedAtMs } = current;
  const wish = { release, isEmergency: false, atMs: submittedAtMs };
  return { ...state, current: null, queue: [wish, ...queue] };
}
