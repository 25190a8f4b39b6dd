/** The real control plane with a cluster under the test's control: commands, limits, audit and status. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import type { ComponentObservation, Components } from "#ports/components.ts";
import { machine, person, started, submit } from "./operations-in-tests.ts";

describe("commands", () => {
  it.each<[OperatorCommand, string, string[]]>([
    [{ kind: "drain-node", node: "a" }, "done", ["bar a draining"]],
    [{ kind: "recycle-node", node: "a" }, "done", ["bar a draining", "recycle a"]],
    [{ kind: "set-nodes-max", nodesMax: 20 }, "done", ["nodes-max 20"]],
    [{ kind: "set-nodes-max", nodesMax: -1 }, "refused", []],
    [{ kind: "set-placeholders", count: 7 }, "done", ["placeholders 7"]],
    [{ kind: "restart-loop", loop: "culler" }, "done", []],
    [{ kind: "restart-loop", loop: "nothing" }, "refused", []],
    [{ kind: "stop-session", session: "nobody" }, "refused", []],
    [{ kind: "submit-release", release: "v2" }, "refused", []],
    [{ kind: "cordon-node", node: "zzz", isForced: false }, "refused", []],
  ])("%j by a person: %s", async (command, kind, done) => {
    const { cluster, plane } = await started();
    const outcome = await plane.operations.execute(command, person, "");
    expect(outcome.kind).toBe(kind);
    expect(cluster.done).toEqual(done);
    expect(await plane.operations.audit(1)).toMatchObject([{ command, actor: person, outcome }]);
  });

  it("of the machine are refused without evidence and beyond the limits, and written down", async () => {
    const { cluster, plane } = await started();
    const quarantine = (node: string, evidence: string) =>
      plane.operations.execute({ kind: "quarantine-node", node }, machine, evidence);
    expect(await quarantine("a", "")).toMatchObject({ kind: "refused" });
    expect(await quarantine("a", "3 crashes")).toMatchObject({ kind: "done" });
    expect(await quarantine("b", "3 crashes")).toMatchObject({ kind: "refused" });
    expect(await quarantine("b", "3 crashes")).toMatchObject({ kind: "refused" });
    expect(cluster.done).toEqual(["bar a quarantined"]);
    const records = await plane.operations.audit(10);
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(["refused", "done", "refused"]);
  });

  it("that may end this very process are written down before", async () => {
    const { cluster, plane } = await started();
    let written: readonly unknown[] = [];
    const recycle = cluster.recycle.bind(cluster);
    cluster.recycle = async (node) => {
      written = await plane.operations.audit(10);
      await recycle(node);
    };
    await plane.operations.execute({ kind: "recycle-node", node: "a" }, person, "");
    expect(written).toMatchObject([{ command: { kind: "recycle-node" } }]);
    expect(await plane.operations.audit(10)).toHaveLength(1);
  });

  it("at the same time keep the limit", async () => {
    const { plane } = await started();
    const outcomes = await Promise.all(
      ["a", "b", "c"].map((node) =>
        plane.operations.execute({ kind: "quarantine-node", node }, machine, "3 crashes"),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === "done")).toHaveLength(1);
  });

  it("that fail say why", async () => {
    const { cluster, plane } = await started();
    cluster.isDown = true;
    const command: OperatorCommand = { kind: "drain-node", node: "a" };
    const outcome = await plane.operations.execute(command, person, "");
    expect(outcome).toEqual({ kind: "failed", because: "connection refused" });
  });

  it("end idle sessions, and never one at work", async () => {
    const { clock, plane, world } = await started({ policy: { sessionIdleMs: 5 * HOUR_MS } });
    const ids: string[] = [];
    for (const name of ["idle", "busy", "fresh"]) {
      const events = submit(plane, `launch-000000000000${name}`, name);
      await clock.run(10 * SECOND_MS);
      ids.push(events.at(-1)?.result?.sessionId ?? "");
    }
    const [, busy = "", fresh = ""] = ids;
    world.busySessions.add(busy);
    await clock.run(20 * MINUTE_MS);
    world.touch(fresh);
    await clock.run(MINUTE_MS);
    const command: OperatorCommand = { kind: "cull", idleMs: 10 * MINUTE_MS };
    const outcome = await plane.operations.execute(command, person, "");
    expect(outcome).toMatchObject({ kind: "done", message: expect.stringContaining("1 of 2") });
    const states = ids.map((id) => world.sessions.get(id)?.state.kind);
    expect(states).toEqual(["ended", "running", "running"]);
  });
});

describe("the cordon of a node", () => {
  function edgeOn(nodes: readonly string[]) {
    const surged: (readonly string[])[] = [];
    const list: ComponentObservation[] = nodes.map((node, i) => ({
      name: `edge-${i}`,
      role: "edge",
      node,
      isReady: true,
      startedAtMs: 0,
      restarts: 0,
      release: "v1",
      memoryBytes: null,
      handles: null,
      loopLagMs: null,
      answers: true,
    }));
    const components: Components = {
      list: async () => list,
      restart: async () => undefined,
      surge: async (_, avoidNodes) => void surged.push(avoidNodes),
    };
    return { components, list, surged };
  }

  const cordon = (node: string, isForced = false): OperatorCommand => {
    return { kind: "cordon-node", node, isForced };
  };

  it("is refused for the last node that takes sessions, unless it is forced", async () => {
    const { cluster, plane } = await started({ names: ["a", "b"] });
    expect(await plane.operations.execute(cordon("a"), person, "")).toMatchObject({ kind: "done" });
    const outcome = await plane.operations.execute(cordon("b"), person, "");
    expect(outcome).toMatchObject({ kind: "refused", because: expect.stringContaining("last") });
    await plane.operations.execute(cordon("b", true), person, "");
    expect(cluster.done).toEqual(["bar a cordoned", "bar b cordoned"]);
  });

  it("waits for the edge to be ready elsewhere", async () => {
    const { components, list, surged } = edgeOn(["a", "b"]);
    const { clock, cluster, plane } = await started({ components });
    await plane.operations.execute(cordon("a"), person, "");
    expect(surged).toEqual([]);
    const second = plane.operations.execute(cordon("b"), person, "");
    await clock.run(5 * SECOND_MS);
    expect(surged).toEqual([["a", "b"]]);
    expect(cluster.done).toEqual(["bar a cordoned"]);
    const [first] = list;
    if (first !== undefined) list.push({ ...first, name: "edge-2", node: "c" });
    await clock.run(5 * SECOND_MS);
    expect(await second).toMatchObject({ kind: "done" });
    expect(cluster.done).toEqual(["bar a cordoned", "bar b cordoned"]);
  });

  it("of two nodes at the same moment is one after the other", async () => {
    const { components, list, surged } = edgeOn(["a", "b"]);
    const { clock, cluster, plane } = await started({ components });
    const outcomes = ["a", "b"].map((node) => plane.operations.execute(cordon(node), person, ""));
    await clock.run(5 * SECOND_MS);
    expect(cluster.done).toEqual(["bar a cordoned"]);
    expect(surged).toEqual([["a", "b"]]);
    const [first] = list;
    if (first !== undefined) list.push({ ...first, name: "edge-2", node: "c" });
    await clock.run(5 * SECOND_MS);
    expect(await Promise.all(outcomes)).toMatchObject([{ kind: "done" }, { kind: "done" }]);
  });

  it("is not guarded when nobody wants it", async () => {
    const { components, surged } = edgeOn(["a"]);
    const policy = { isCordonGuarded: false };
    const { cluster, plane } = await started({ components, policy });
    await plane.operations.execute(cordon("a"), person, "");
    expect(cluster.done).toEqual(["bar a cordoned"]);
    expect(surged).toEqual([]);
  });

  it("is refused when the edge does not get ready elsewhere", async () => {
    const { components } = edgeOn(["a"]);
    const { clock, cluster, plane } = await started({ components });
    const outcome = plane.operations.execute(cordon("a"), person, "");
    await clock.run(MINUTE_MS);
    expect(await outcome).toMatchObject({ kind: "refused" });
    expect(cluster.done).toEqual([]);
  });
});

describe("bookings", () => {
  it("are taken, refused when they make no sense, and survive a restart", async () => {
    const { clock, plane, start } = await started();
    const book = (seats: number, fromMs: number, untilMs: number) =>
      plane.operations.execute({ kind: "book", repo: "r", seats, fromMs, untilMs }, person, "");
    const nowMs = clock.nowMs();
    expect(await book(0, nowMs, nowMs + 1)).toMatchObject({ kind: "refused" });
    expect(await book(5, nowMs + 2, nowMs + 1)).toMatchObject({ kind: "refused" });
    expect(await book(5, nowMs, nowMs + HOUR_MS)).toMatchObject({ kind: "done" });
    await plane.stop();
    const next = await start();
    const [record] = await next.operations.audit(1);
    expect(record?.command).toMatchObject({ kind: "book", seats: 5 });
  });
});

describe("the status", () => {
  it("tells of launches, seats, builds, loops and nodes", async () => {
    const { clock, plane } = await started();
    submit(plane, "launch-0000000000000001", "r");
    await clock.run(10 * SECOND_MS);
    const status = await plane.operations.status();
    expect(status.atMs).toBe(clock.nowMs());
    expect(status.sinceMs).toBe(1_000_000);
    expect(status.launches).toMatchObject({ asked: 1, ready: 1, readyFirstTry: 1, underWay: 0 });
    expect(status.seats).toMatchObject({ used: 1, waiting: 0 });
    expect(status.builds).toMatchObject({ running: 0, queued: 0, slots: DEFAULT_POLICY.buildsMax });
    expect(status.nodes.map(({ node, health }) => `${node.name} ${health}`)).toEqual([
      "a healthy",
      "b healthy",
      "c healthy",
    ]);
    expect(status.capacity.nodesMax).toBe(10);
    expect(status.loops.map(({ name }) => name)).toContain("node-health");
    expect(status.findings).toEqual([]);
  });
});
