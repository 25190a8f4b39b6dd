/** How many launches may be under way, and that who was accepted before a start finds room after it. */
import { describe, expect, it } from "vitest";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import { started } from "./bindery-in-tests.ts";

const POLICY = { ...DEFAULT_POLICY, ...CLUSTER_POLICY };

describe("the most launches at a time", () => {
  it("leaves a little room after a start: who was accepted before comes back among newcomers", async () => {
    const { clock, plane } = await started({ queueMax: 100, sessionsMax: 0 });
    const ask = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        plane.launches.submit({
          id: `launch-${String(from + n).padStart(16, "0")}`,
          repo: { provider: "git", spec: "r", url: "https://host.example/r", ref: null },
          buildOnly: false,
          clientAddress: null,
          isCanary: false,
        }),
      ).filter(({ kind }) => kind === "accepted").length;
    expect(ask(0, 110)).toBe(102);
    // Nobody watches them: they are given up.
    await clock.run(2 * POLICY.launchGraceMs);
    expect(ask(200, 110)).toBe(100);
  });
});
