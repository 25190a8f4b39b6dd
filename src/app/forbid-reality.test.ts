/** A simulated run cannot look at the real clock, timers or chance, and the process can again afterwards. */
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { withoutReality } from "./forbid-reality.ts";

const ASKED: readonly (readonly [string, () => unknown])[] = [
  ["Date.now", () => Date.now()],
  ["new Date", () => new Date()],
  ["Date()", () => Date()],
  ["Math.random", () => Math.random()],
  ["performance.now", () => performance.now()],
  ["process.hrtime", () => process.hrtime()],
  ["setTimeout", () => clearTimeout(setTimeout(() => undefined, 0))],
  ["setInterval", () => clearInterval(setInterval(() => undefined, 1_000))],
  ["setImmediate", () => clearImmediate(setImmediate(() => undefined))],
  ["crypto.randomUUID", () => crypto.randomUUID()],
  ["crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(1))],
  ["node:crypto's randomUUID", () => randomUUID()],
];

/** What came of asking: null, or the reason why not. */
function refusal(ask: () => unknown): string | null {
  try {
    ask();
    return null;
  } catch (error) {
    return String(error);
  }
}

describe("withoutReality", () => {
  it.each(ASKED)("refuses %s, and gives it back", async (_, ask) => {
    expect(refusal(ask)).toBeNull();
    const during = await withoutReality(async () => refusal(ask));
    expect(during).toMatch(/was asked in a simulated run/);
    expect(refusal(ask)).toBeNull();
  });

  it("lets times be written down", async () => {
    const written = await withoutReality(async () => new Date(0).toISOString());
    expect(written).toBe("1970-01-01T00:00:00.000Z");
  });

  it("gives everything back after a run that failed", async () => {
    const failing = withoutReality(() => Promise.reject(new Error("the run failed")));
    await expect(failing).rejects.toThrow("the run failed");
    expect(refusal(() => Date.now())).toBeNull();
  });
});
