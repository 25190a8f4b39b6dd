/** Tables for what is found about builds. */
import { describe, expect, it } from "vitest";
import { GIB, MINUTE_MS } from "#base/units.ts";
import { buildFindings, type MemoryFailure } from "./build-findings.ts";
import { addFailure } from "./recent-failures.ts";

const policy = { buildMemoryBytes: 4 * GIB, buildCrowdMin: 50 };
const failed = (repoKey: string, atMinute: number) => ({ repoKey, atMs: atMinute * MINUTE_MS });
const crowd = (repoKey: string, watchers: number) => ({ repoKey, watchers, sinceMs: 0 });

describe("findings about builds", () => {
  it.each([
    ["none", [], [], []],
    ["one that was ended by its limit", [failed("a", 4)], [], ["build-out-of-memory a"]],
    ["the same one twice is one", [failed("a", 3), failed("a", 4)], [], ["build-out-of-memory a"]],
    ["one long ago", [failed("a", -5)], [], []],
    ["a crowd", [], [crowd("a", 50), crowd("b", 49)], ["build-crowd a"]],
  ])("%s", (_title, failures, crowds, found) => {
    const findings = buildFindings({ crowds, failures }, policy, 5 * MINUTE_MS);
    expect(findings.map(({ cause, subject }) => `${cause} ${subject.name}`)).toEqual(found);
    expect(findings.every(({ severity }) => severity === "note")).toBe(true);
  });

  it("say their numbers", () => {
    const failures = [failed("a", 3), failed("a", 4)];
    const found = buildFindings({ crowds: [crowd("b", 60)], failures }, policy, 5 * MINUTE_MS);
    expect(found.map(({ evidence }) => evidence)).toEqual([
      expect.stringContaining("2 times"),
      expect.stringContaining("60 launches"),
    ]);
  });

  it("rest on few failures, however many there are", () => {
    let failures = [failed("a", -20)] as readonly MemoryFailure[];
    for (let n = 0; n < 600; n += 1) failures = addFailure(failures, failed(`r-${n}`, 1));
    expect(failures).toHaveLength(500);
    expect(failures[0]?.repoKey).toBe("r-100");
  });
});
