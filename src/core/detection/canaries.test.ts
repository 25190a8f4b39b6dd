/** Canaries in a row, and the hop at which they fail. */
import { describe, expect, it } from "vitest";
import {
  canaryEnded,
  canaryHeard,
  detectCanaries,
  hopOf,
  hostIn,
  isCanaryBad,
  NO_CANARIES,
} from "./canaries.ts";

function after(outcomes: string, because = "session-start-timeout") {
  let facts = NO_CANARIES;
  for (const [index, mark] of outcomes.split("").entries()) {
    const isGreen = mark === "g";
    const look = { kind: "launch", isGreen, durationMs: 1, node: "node-1" } as const;
    facts = canaryEnded(facts, { ...look, because: isGreen ? null : because }, index * 60_000);
  }
  return facts;
}

describe("canaries", () => {
  it.each([
    ["", 0],
    ["r", 0],
    ["rgr", 0],
    ["rr", 1],
    ["rrr", 1],
    ["rrg", 0],
  ])("%s in a row give %i findings", (outcomes, count) => {
    expect(detectCanaries(after(outcomes))).toHaveLength(count);
  });

  it("say since when, at which hop and on which node", () => {
    const [finding] = detectCanaries(after("grr"));
    expect(finding).toMatchObject({ cause: "canary-failing", sinceMs: 60_000 });
    expect(finding?.evidence).toContain("at hop start on node-1");
  });

  it("are a bad sign as soon as they are silent for too long", () => {
    const policy = { canarySilenceMs: 20_000 };
    const { launch } = canaryHeard(after("g"), "launch", 0);
    expect(isCanaryBad(launch, policy, 19_000)).toBe(false);
    expect(isCanaryBad(launch, policy, 20_000)).toBe(true);
    const later = canaryHeard(canaryHeard(after("g"), "launch", 0), "launch", 15_000);
    expect(isCanaryBad(later.launch, policy, 34_000)).toBe(false);
    expect(isCanaryBad(after("g").launch, policy, 1e9)).toBe(false);
  });

  it.each([
    ["launch", "dns: could not resolve host", "dns"],
    ["launch", "queue-too-long", "seat"],
    ["launch", "the gateway answered 502", "edge"],
    ["launch", "session-start-timeout", "start"],
    ["launch", "The session's server did not answer in time.", "start"],
    ["launch", "No seat became free in time.", "seat"],
    ["launch", "The host of the repository did not answer.", "build"],
    ["launch", "build-interrupted", "build"],
    ["launch", null, "start"],
    ["build", "install-failed: archive.example.org", "build"],
    ["build", null, "build"],
  ] as const)("%s because %s fails at %s", (kind, because, hop) => {
    expect(hopOf(kind, because)).toBe(hop);
  });

  it.each([
    ["install-failed: archive.ubuntu.com answered 404", "archive.ubuntu.com"],
    ["index-unreachable", null],
    [null, null],
  ])("%s names the host %s", (because, host) => {
    expect(hostIn(because)).toBe(host);
  });
});
