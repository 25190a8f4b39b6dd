/** Whose a session is, one row a case. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import type { SessionPurpose, SessionRecord } from "#core/session/session.ts";
import { isNobodys } from "./nobodys.ts";

const record: SessionRecord = {
  ...{ id: "s", token: "t", createdAtMs: 0, claimedAtMs: 0 },
  ...{ endsAtMs: 360 * MINUTE_MS, idleLimitMs: 10 * MINUTE_MS },
  purpose: {} as SessionPurpose,
};
const person = { record, role: "session", useUntilMs: 5 * MINUTE_MS } as const;
const nobody = { ...person, useUntilMs: null };
const canary = { ...nobody, role: "canary" } as const;
const warm = { ...nobody, record: { ...record, purpose: null } };
const forEver = { ...person, record: { ...record, idleLimitMs: 0 } };

describe("a session", () => {
  it.each([
    ["that starts for somebody who waits is his", nobody, 1, true, false],
    ["that starts for somebody who has gone is nobody's", nobody, 1, false, true],
    ["that somebody works in is his", person, 4, false, false],
    ["that is idle for less than its limit is his", person, 14, false, false],
    ["that is about to be ended is his", person, 16, false, false],
    ["that should have been ended is nobody's", person, 18, false, true],
    ["without an idle limit is his", forEver, 99, false, false],
    ["of a canary is the canary's", canary, 1, false, false],
    ["of a canary that is long over is nobody's", canary, 3, false, true],
    ["that is kept warm is not nobody's", warm, 99, false, false],
  ])("%s", (_title, pod, minutes, isAwaited, expected) => {
    const lastActivityMs = Math.min(minutes, 5) * MINUTE_MS;
    const facts = { nowMs: minutes * MINUTE_MS, lastActivityMs, isAwaited };
    expect(isNobodys(pod, facts)).toBe(expected);
  });
});
