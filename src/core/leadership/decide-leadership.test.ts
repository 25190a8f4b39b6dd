/** Leadership: when a lease is taken, renewed, given up. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import {
  decideLeadership,
  held,
  type LeadershipState,
  type LeaseLook,
  leadsUntilMs,
  NOT_LEADING,
} from "./decide-leadership.ts";

const POLICY = { leaderLeaseMs: 15 * SECOND_MS };
const NOW_MS = 100 * SECOND_MS;
const FREE: LeaseLook = { version: null, record: null };
const look = (holder: string | null, version = "1"): LeaseLook => ({
  version,
  record: { holder, term: 3, renewals: 7 },
});
const saw = (version: string, agoS: number): LeadershipState => ({
  ...NOT_LEADING,
  seen: { version, atMs: NOW_MS - agoS * SECOND_MS },
});
const leads = (sinceS: number) => held(NOT_LEADING, "1", NOW_MS - sinceS * SECOND_MS);

describe("decideLeadership", () => {
  it.each([
    ["a lease that was never written", NOT_LEADING, FREE, { holder: "me", term: 1, renewals: 0 }],
    ["a lease given back", NOT_LEADING, look(null), { holder: "me", term: 4, renewals: 0 }],
    ["another's, first seen now", NOT_LEADING, look("b"), null],
    ["another's, unchanged for 14 s", saw("1", 14), look("b"), null],
    [
      "another's, unchanged for 15 s",
      saw("1", 15),
      look("b"),
      { holder: "me", term: 4, renewals: 0 },
    ],
    ["another's, long seen but renewed since", saw("1", 60), look("b", "2"), null],
    [
      "its own, written without an answer",
      saw("1", 1),
      look("me"),
      { holder: "me", term: 4, renewals: 0 },
    ],
    ["its own while it leads", leads(5), look("me"), { holder: "me", term: 3, renewals: 8 }],
    ["no answer", saw("1", 60), null, null],
  ])("who does not wait for %s", (_what, state, seen, write) => {
    expect(decideLeadership(state, seen, "me", POLICY, NOW_MS).write).toEqual(write);
  });

  it.each([
    ["renewed 9 s ago, no answer", leads(9), null, false],
    ["renewed 10 s ago, no answer", leads(10), null, true],
    ["another holds it", leads(1), look("b", "2"), true],
    ["all is well", leads(5), look("me"), false],
    ["it does not lead", saw("1", 60), null, false],
  ])("steps down when %s: %#", (_what, state, seen, hasToStepDown) => {
    const decision = decideLeadership(state, seen, "me", POLICY, NOW_MS);
    const isLeading = state.isLeading && !hasToStepDown;
    expect(decision).toMatchObject({ hasToStepDown, next: { isLeading } });
  });

  it("never takes another's lease when that is switched off", () => {
    const endless = { leaderLeaseMs: Number.POSITIVE_INFINITY };
    const { write } = decideLeadership(saw("1", 1e9), look("b"), "me", endless, NOW_MS);
    expect(write).toBeNull();
    expect(leadsUntilMs(leads(0), endless)).toBe(Number.POSITIVE_INFINITY);
  });
});
