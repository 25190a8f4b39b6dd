/** Drills as text: what is read, and what is said of mistakes. */
import { describe, expect, it } from "vitest";
import { type ParsedDrill, parseDrill } from "./parse-drill.ts";

const HEAD = `drill: mine
title: Mine
incident: null
story: Something happens.
starts: 2018-01-17T18:00:00-08:00
lasts: 2h
`;

function parsed(rest: string, others: Readonly<Record<string, string>> = {}): ParsedDrill {
  return parseDrill({ name: "mine", text: HEAD + rest }, (name) => others[name] ?? null);
}

function drillOf(rest: string, others: Readonly<Record<string, string>> = {}) {
  const result = parsed(rest, others);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.complaints));
  return result.drill;
}

describe("a drill's file", () => {
  it("needs little", () => {
    const drill = drillOf("");
    expect(drill).toMatchObject({
      name: "mine",
      lastsMs: 7_200_000,
      must: [],
      events: [],
      except: {},
    });
    expect(drill.world.cluster).toMatchObject({
      nodes: 3,
      scheduler: "spread",
      nodeBootMs: 240_000,
    });
    expect(drill.starts).toEqual({ atMs: Date.UTC(2018, 0, 18, 2), zoneMs: -28_800_000 });
  });

  it("reads events in order of time, with the defaults of their arguments", () => {
    const { events } = drillOf(`events:
  - { at: 1h, fault: node.podNet, with: { node: n-1, for: 5m } }
  - { at: 5m, fault: culler.hang }
`);
    expect(events).toEqual([
      { atMs: 300_000, verb: "culler.hang", values: {}, line: 9 },
      {
        atMs: 3_600_000,
        verb: "node.podNet",
        values: { node: "n-1", state: "down", for: 300_000 },
        line: 8,
      },
    ]);
  });

  it("reads who comes", () => {
    const { arrivals } = drillOf(`people:
  arrivals:
    - { rate: [[0h, 20/h], [1h, 5/min]], repos: { viral: 60%, rest: 40% zipf(200) }, polling: 0.5/s for 10m }
    - { burst: 110 within 60s at 10m, repos: tutorial, patience: 1h, retries: 0, watching: true }
`);
    expect(arrivals[0]).toEqual({
      when: {
        kind: "rate",
        points: [
          { atMs: 0, perHour: 20 },
          { atMs: 3_600_000, perHour: 300 },
        ],
      },
      repos: [
        { repo: "viral", share: 0.6, zipf: null },
        { repo: "rest", share: 0.4, zipf: 200 },
      ],
      length: null,
      polling: { perHour: 1_800, forMs: 600_000 },
      patienceMs: 600_000,
      retries: 1,
      isWatching: false,
    });
    expect(arrivals[1]).toMatchObject({
      when: { kind: "burst", people: 110, atMs: 600_000, withinMs: 60_000 },
      repos: [{ repo: "tutorial", share: 1, zipf: null }],
      retries: 0,
      isWatching: true,
    });
  });

  it("reads limits in the unit of their measure, and never", () => {
    const { must } = drillOf(`must:
  - { name: soon, measure: detected-after, of: { cause: loop-stalled }, atMost: 120s }
  - { measure: first-try-success, atLeast: 99.5% }
  - { measure: refusals, is: 0 }
  - { measure: paged-after, is: never }
`);
    expect(
      must.map(({ name, atLeast, atMost, isNever }) => [name, atLeast, atMost, isNever]),
    ).toEqual([
      ["soon", null, 120_000, false],
      ["first-try-success", 0.995, null, false],
      ["refusals", 0, 0, false],
      ["paged-after", null, null, true],
    ]);
  });

  it("reads policy values with units", () => {
    expect(
      drillOf(
        "policy: { sessionIdleMs: 10m, buildMemoryBytes: 2GiB, queueMax: 7, sessionAgeMs: unlimited }\n",
      ).policy,
    ).toEqual({
      sessionIdleMs: 600_000,
      buildMemoryBytes: 2_147_483_648,
      queueMax: 7,
      sessionAgeMs: Number.POSITIVE_INFINITY,
    });
  });

  it("leaves all protections out but those that an ablation keeps", () => {
    const { ablations } = drillOf(
      "ablations:\n  - { name: x, without: all, keeps: [loop-leases] }\n",
    );
    expect(ablations[0]?.without).toContain("node-gate");
    expect(ablations[0]?.without).not.toContain("loop-leases");
  });

  it("makes the world of an ablation from that of the drill, whatever order they have", () => {
    const { ablations, world } = drillOf(
      "ablations:\n  - { name: x, world: { edge: { ended: control } } }\nworld: { edge: { replicas: 3 }, release: v7 }\n",
    );
    expect(world.edge).toMatchObject({ replicas: 3, isEndedForControl: false });
    expect(ablations[0]?.world).toEqual({
      ...world,
      edge: { ...world.edge, isEndedForControl: true },
    });
  });

  it("takes what it does not say from the drill that it is based on", () => {
    const base =
      HEAD.replace("mine", "base") +
      "must:\n  - { measure: refusals, is: 0 }\nlasts2: 1h\n".replace(
        "lasts2: 1h\n",
        "world: { cluster: { nodes: 7 } }\n",
      );
    const result = parseDrill(
      { name: "child", text: "drill: child\nbasedOn: base\nmust: []\n" },
      (name) => (name === "base" ? base : null),
    );
    expect(result).toMatchObject({
      kind: "drill",
      drill: { name: "child", title: "Mine", must: [], world: { cluster: { nodes: 7 } } },
    });
  });
});
