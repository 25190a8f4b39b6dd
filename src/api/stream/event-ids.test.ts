/** Ids of events lead back to the right place, or to the beginning. */
import { describe, expect, it } from "vitest";
import {
  buildStreamId,
  eventId,
  numberAfter,
  parseBuildStreamId,
  parsePosition,
} from "./event-ids.ts";

const launch = { id: "launch-0123456789", submittedAtMs: 1_767_225_600_000 };

describe("ids of events", () => {
  it("lead back to the same place in the same life of a launch", () => {
    expect(numberAfter(parsePosition(eventId(7, launch)), launch)).toBe(7);
  });

  it("lead to the beginning of a later life", () => {
    const later = { submittedAtMs: launch.submittedAtMs + 1 };
    expect(numberAfter(parsePosition(eventId(7, launch)), later)).toBe(0);
  });

  it("may be a number alone", () => {
    expect(numberAfter(parsePosition("7"), launch)).toBe(7);
  });

  it.each(["", "x", "-1", "1.5", "7@", "7@UP", "7@a@b", "99999999999", "7 ", "1e3"])(
    "%j is none, and all is told",
    (text) => {
      expect(parsePosition(text)).toBeNull();
      expect(numberAfter(parsePosition(text), launch)).toBe(0);
    },
  );

  it("of builds name their launch", () => {
    expect(parseBuildStreamId(buildStreamId(3, launch))).toEqual({
      launchId: launch.id,
      position: { number: 3, submittedAtMs: launch.submittedAtMs },
    });
  });

  it.each([
    "refused",
    "",
    ":1",
    "short:1",
    "launch-0123456789",
    "launch-0123456789:1:2",
    "launch/0123456789:1",
  ])("of builds are not %j", (text) => {
    expect(parseBuildStreamId(text)).toBeNull();
  });
});
