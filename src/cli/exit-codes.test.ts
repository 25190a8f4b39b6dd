/** The contract of the exit codes. */
import { expect, test } from "vitest";
import { type ErrorCode, ERRORS, failure } from "#core/errors.ts";
import { EXIT_CODES, exitOf, type ExitName } from "./exit-codes.ts";

test.each<[ErrorCode, ExitName]>([
  ["resolve-failed", "failed"],
  ["repo-not-found", "failed"],
  ["build-too-long", "failed"],
  ["repo-too-large", "failed"],
  ["port-taken", "failed"],
  ["token-required", "failed"],
  ["internal", "failed"],
  ["command-invalid", "usage"],
  ["config-setting-invalid", "usage"],
  ["repo-spec-invalid", "usage"],
  ["server-unreachable", "unreachable"],
  ["queue-full", "later"],
  ["queue-too-long", "later"],
  ["rate-limited", "later"],
  ["watchers-exceeded", "later"],
])("a command that fails with %s ends as: %s", (code, exit) => {
  expect(exitOf(failure(code))).toBe(exit);
});

test("no failure ends as if it were none, or as an interrupt", () => {
  const exits = (Object.keys(ERRORS) as ErrorCode[]).map((code) => exitOf(failure(code)));
  expect(exits).not.toContain("ok");
  expect(exits).not.toContain("interrupted");
});

test("the codes are those that scripts rely on", () => {
  const codes = Object.entries(EXIT_CODES).map(([name, { code }]) => [name, code]);
  expect(Object.fromEntries(codes)).toEqual({
    ok: 0,
    failed: 1,
    usage: 2,
    unreachable: 3,
    later: 4,
    interrupted: 130,
  });
});
