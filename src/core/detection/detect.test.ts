/** Everything held together: a healthy day finds nothing, and what others found passes through. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import { CLUSTER_POLICY } from "../cluster-policy.ts";
import { DEFAULT_POLICY } from "../policy.ts";
import { NO_CANARIES } from "./canaries.ts";
import { detect, FRESH_MEMORY } from "./detect.ts";
import { component, launches, observed, status } from "./observed-in-tests.ts";

const policy = { ...DEFAULT_POLICY, ...CLUSTER_POLICY };

describe("detection", () => {
  it("finds nothing in an hour in which all is well", () => {
    let memory = FRESH_MEMORY;
    for (let second = 0; second < 3_600; second += 5) {
      const ready = Math.floor(second / 20);
      const counts = launches({ asked: ready + 1, ready, readyFirstTry: ready, underWay: 1 });
      const components = [
        component("control-1", {
          memoryBytes: 1e8 + ready,
          handles: 40 + (second % 3),
          loopLagMs: 9,
        }),
        component("edge-1", { role: "edge", answers: true, node: "node-1", handles: ready }),
        component("edge-2", { role: "edge", answers: true, node: "node-2", handles: ready }),
      ];
      const quotas = [{ name: "pods", used: 9, listed: 9, hard: 100, refusals: 0 }];
      const look = observed({ status: status({ launches: counts }), components, quotas });
      const result = detect(memory, look, policy, second * SECOND_MS);
      expect(result.findings).toEqual([]);
      memory = result.memory;
    }
  });

  it("passes on what the control plane and other parts found", () => {
    const finding = (cause: "node-dns" | "certificate-expiring", name: string): Finding => ({
      ...{ cause, subject: { kind: "node", name }, severity: "note", evidence: "", sinceMs: 0 },
    });
    const look = observed({
      status: status({ findings: [finding("node-dns", "node-1")] }),
      extraFindings: [finding("certificate-expiring", "x")],
    });
    const { findings } = detect(FRESH_MEMORY, look, policy, 0);
    expect(findings.map(({ cause }) => cause)).toEqual(["node-dns", "certificate-expiring"]);
  });

  it.each([
    ["is given its time after the cluster's API came back", 20, false],
    ["is suspected when that did not help", 60, true],
  ])("the control plane %s", (_title, backForS, isSuspected) => {
    const down: Finding = {
      ...{ cause: "cluster-api-unreachable", subject: { kind: "cluster", name: "cluster" } },
      ...{ severity: "act", evidence: "", sinceMs: 0 },
    };
    const downForS = 60;
    let memory = FRESH_MEMORY;
    const causes = new Set<string>();
    for (let second = 0; second <= downForS + backForS; second += 5) {
      const counts = launches({ asked: 1 + second / 5, underWay: 1 + second / 5 });
      const findings = second < downForS ? [down] : [];
      const underWay = { ...NO_CANARIES.launch, heardAtMs: 0 };
      const look = observed({
        status: status({ launches: counts, findings }),
        canaries: { ...NO_CANARIES, launch: underWay },
      });
      const result = detect(memory, look, policy, second * SECOND_MS);
      for (const { cause } of result.findings) causes.add(cause);
      memory = result.memory;
    }
    expect(causes.has("control-wedged")).toBe(isSuspected);
  });

  it.each([
    ["is silent", null],
    ["has not looked at any yet", status({ nodes: [] })],
  ])("keeps what it knows of nodes while the control plane %s", (_title, said) => {
    const first = detect(FRESH_MEMORY, observed(), policy, 0);
    const second = detect(first.memory, observed({ status: said }), policy, 5_000);
    expect(second.memory.nodes).toHaveLength(3);
  });
});
