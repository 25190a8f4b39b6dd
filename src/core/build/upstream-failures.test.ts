/** Tables for failures that a host is to blame for. */
import { expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { addFailure } from "./recent-failures.ts";
import { failuresByHost, type UpstreamFailure } from "./upstream-failures.ts";

const failed = (atMinute: number, host: string, repoKey: string): UpstreamFailure => ({
  atMs: atMinute * MINUTE_MS,
  host,
  repoKey,
});

it.each([
  ["nothing failed", [], {}],
  ["one repository that tries again is one", [failed(5, "h", "a"), failed(6, "h", "a")], { h: 1 }],
  ["different repositories count", [failed(5, "h", "a"), failed(6, "h", "b")], { h: 2 }],
  ["each host by itself", [failed(5, "h", "a"), failed(6, "i", "a")], { h: 1, i: 1 }],
  ["what is long ago does not count", [failed(0, "h", "a"), failed(6, "h", "b")], { h: 1 }],
])("%s", (_, failures, expected) => {
  expect(failuresByHost(failures, 10 * MINUTE_MS)).toEqual(expected);
});

it("keeps what counts still, and no more than a number", () => {
  let failures: readonly UpstreamFailure[] = [failed(-20, "h", "old")];
  for (let i = 0; i < 600; i += 1) failures = addFailure(failures, failed(0, "h", `r${i}`));
  expect(failures).toHaveLength(500);
  expect(failuresByHost(failures, 0)).toEqual({ h: 500 });
});
