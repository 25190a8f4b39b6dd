/** The real control plane and the health of a cluster under the test's control. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { DNS, person, started } from "./operations-in-tests.ts";

describe("the health of nodes", () => {
  it("puts a bad node aside through the operators' door, and writes down why", async () => {
    const { clock, cluster, plane, world } = await started();
    await clock.run(20 * SECOND_MS);
    cluster.failing.set("b", DNS);
    await clock.run(11 * SECOND_MS);
    expect(cluster.done).toEqual(["bar b quarantined"]);
    const [record] = await plane.operations.audit(10);
    expect(record).toMatchObject({
      command: { kind: "quarantine-node", node: "b" },
      actor: { kind: "machine" },
      limit: expect.stringContaining("1 node put aside in 10 min (0 so far)"),
      outcome: { kind: "done" },
    });
    expect(record?.evidence).toContain("2 times in a row");
    expect(world.history.filter(({ kind }) => kind === "action")).toMatchObject([
      { action: "quarantine-node", by: "machine", outcome: "done" },
    ]);
  });

  it("takes it back when its probes hold", async () => {
    const { clock, cluster } = await started();
    cluster.failing.set("b", DNS);
    await clock.run(20 * SECOND_MS);
    cluster.failing.delete("b");
    await clock.run(2 * MINUTE_MS);
    expect(cluster.done).toEqual(["bar b quarantined", "unbar b quarantined"]);
  });

  it("admits a node that joined without an entry in the audit", async () => {
    const { clock, cluster, plane } = await started();
    cluster.change("new", { bars: ["unproven"], createdAtMs: clock.nowMs() });
    await clock.run(30 * SECOND_MS);
    expect(cluster.done).toEqual(["unbar new unproven"]);
    expect(await plane.operations.audit(10)).toEqual([]);
  });

  it("decides nothing while the cluster does not answer, and says so", async () => {
    const { clock, cluster, plane } = await started();
    await clock.run(10 * SECOND_MS);
    cluster.isDown = true;
    cluster.failing.set("b", DNS);
    await clock.run(30 * SECOND_MS);
    const { findings, nodes } = await plane.operations.status();
    expect(findings.map(({ cause }) => cause)).toContain("cluster-api-unreachable");
    expect(nodes).toHaveLength(3);
    expect(cluster.done).toEqual([]);
  });

  it("keeps the limit across a restart of the control plane, and pages for what it holds back", async () => {
    const { clock, cluster, plane, start } = await started({
      names: "a b c d e f g h i j".split(" "),
    });
    cluster.failing.set("b", DNS);
    await clock.run(20 * SECOND_MS);
    await plane.stop();
    const next = await start();
    cluster.failing.set("c", DNS);
    await clock.run(30 * SECOND_MS);
    expect(cluster.done).toEqual(["bar b quarantined"]);
    const { findings } = await next.operations.status();
    expect(findings.find(({ subject }) => subject.name === "c")).toMatchObject({
      cause: "node-dns",
      severity: "page",
      evidence: expect.stringContaining("1 node put aside in 10 min (1 so far)"),
    });
  });

  it("leaves alone what a person put aside", async () => {
    const { clock, cluster, plane } = await started();
    await clock.run(10 * SECOND_MS);
    await plane.operations.execute({ kind: "quarantine-node", node: "b" }, person, "");
    await clock.run(HOUR_MS);
    expect(cluster.done).toEqual(["bar b quarantined"]);
    await plane.operations.execute({ kind: "release-node", node: "b" }, person, "");
    expect(cluster.done.at(-1)).toBe("unbar b quarantined");
  });

  it("costs a cluster of one nothing, whatever its probes say", async () => {
    const { clock, cluster, plane } = await started({ names: ["local"] });
    cluster.failing.set("local", DNS);
    await clock.run(HOUR_MS);
    expect(cluster.done).toEqual([]);
    expect(await plane.operations.audit(10)).toEqual([]);
  });
});
