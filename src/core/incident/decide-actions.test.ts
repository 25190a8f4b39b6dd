/** Remedies in order, within their limits. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { PROTECTIONS } from "../protections.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";
import type { OperatorCommand } from "../operations/command.ts";
import type { Attempt } from "./action-limits.ts";
import { decideActions } from "./decide-actions.ts";
import type { Cause, Subject } from "./finding.ts";
import type { Incident } from "./incident.ts";
import { node } from "../detection/observed-in-tests.ts";
import { incident, REMEDY_FACTS } from "./incidents-in-tests.ts";
import type { RemedyFacts } from "./remedies.ts";

/** The command's words, in a row. */
function short(command: OperatorCommand): string {
  const { kind, ...rest } = command;
  const words = Object.values(rest).map((value: unknown) =>
    Array.isArray(value) ? `not ${value.join()}` : String(value),
  );
  return [kind, ...words].join(" ");
}

interface Run {
  readonly incidents: readonly Incident[];
  readonly facts?: Partial<RemedyFacts>;
  readonly policy?: Partial<Policy>;
  readonly forMs?: number;
  readonly outcome?: Attempt["outcome"];
}

/** What is done in so many minutes, with a look every 5 s, when nothing helps. */
function run({ facts, forMs = 5 * MINUTE_MS, incidents, outcome = "done", policy }: Run) {
  let attempts: readonly Attempt[] = [];
  const done: string[] = [];
  let exhausted: ReadonlySet<string> = new Set();
  for (let nowMs = 0; nowMs < forMs; nowMs += 5 * SECOND_MS) {
    const given = { ...REMEDY_FACTS, ...facts };
    const used = { ...DEFAULT_POLICY, ...policy };
    const decision = decideActions(incidents, given, attempts, used, nowMs);
    exhausted = decision.exhausted;
    for (const { command, incident: id } of decision.actions) {
      attempts = [...attempts, { incident: id, command, atMs: nowMs, outcome }];
      done.push(`${nowMs / SECOND_MS} ${short(command)}`);
    }
  }
  return { done, isExhausted: exhausted.size > 0 };
}

const of = (cause: Cause, kind: Subject["kind"] = "cluster", name = "x") => [
  incident(cause, { subject: { kind, name } }),
];

describe("remedies", () => {
  it.each<[string, Run, readonly string[]]>([
    [
      "a wedge: the control plane that decides",
      { incidents: of("control-wedged", "component", "control") },
      ["0 restart-component control-2"],
    ],
    [
      "a wedge after a release: back first",
      { incidents: of("control-wedged", "component", "control"), facts: { hasYoungRelease: true } },
      ["0 rollback-release production", "60 restart-component control-2"],
    ],
    [
      "a wedge while the cluster does not answer",
      { incidents: of("control-wedged"), facts: { mayRestartControl: false } },
      [],
    ],
    [
      "a leak in the one that is named",
      { incidents: of("control-leak", "component", "control-1") },
      ["0 restart-component control-1"],
    ],
    [
      "a leak elsewhere",
      { incidents: of("control-leak", "component", "metrics-1") },
      ["0 restart-component metrics-1"],
    ],
    [
      "a leak of a young release",
      {
        incidents: of("control-leak", "release", "2"),
        facts: { hasYoungRelease: true },
        forMs: MINUTE_MS,
      },
      ["0 rollback-release production"],
    ],
    [
      "no answer, on a machine that lives",
      { incidents: of("control-down", "component", "control") },
      ["0 restart-component control-2", "60 surge-component control not bad"],
    ],
    [
      "no answer, on a machine that is gone",
      { incidents: of("control-down"), facts: { nodes: [{ ...node("node-2"), isReady: false }] } },
      ["0 surge-component control not node-2", "60 restart-component control-2"],
    ],
    [
      "launches fail and nothing else explains it",
      { incidents: of("launches-failing") },
      ["0 restart-component control-2"],
    ],
    [
      "launches fail elsewhere",
      { incidents: of("launches-failing"), facts: { isControlSuspect: false } },
      [],
    ],
    [
      "one replica of the edge",
      { incidents: of("edge-replica-wedged", "edge", "edge-1") },
      ["0 restart-component edge-1", "60 surge-component edge not bad"],
    ],
    [
      "one replica of the edge, on a machine whose last probe was bad",
      {
        incidents: of("edge-replica-wedged", "edge", "edge-2"),
        facts: { doubted: new Set(["node-2"]) },
      },
      ["0 surge-component edge not node-2,bad", "60 restart-component edge-2"],
    ],
    [
      "the whole edge, in turn",
      { incidents: of("edge-down", "edge", "all") },
      ["0 restart-component edge-1", "15 restart-component edge-2"],
    ],
    [
      "an edge that may not stand where it stands",
      { incidents: of("edge-unschedulable", "edge", "all") },
      ["0 surge-component edge not bad", "15 surge-component edge not bad"],
    ],
    [
      "crashes of one component",
      { incidents: of("component-crash-loop", "component", "metrics-1") },
      ["0 surge-component metrics not node-3"],
    ],
    [
      "crashes on one node",
      { incidents: of("component-crash-loop", "node", "node-3") },
      ["0 quarantine-node node-3", "60 surge-component metrics not node-3"],
    ],
    [
      "a loop that its own watchdog did not restart",
      { incidents: of("loop-stalled", "loop", "culler") },
      ["120 restart-loop culler", "180 restart-component control-2"],
    ],
    ["a quota, once", { incidents: of("quota-ghost", "quota", "pods") }, ["0 repair-quota pods"]],
    ["a host", { incidents: of("upstream-unavailable", "host", "h") }, ["0 use-fallback h true"]],
    ["what the control plane heals itself", { incidents: of("node-dns", "node", "node-1") }, []],
    ["a note", { incidents: [incident("control-leak", { severity: "note" })] }, []],
    ["what is mitigated", { incidents: [incident("control-wedged", { state: "mitigated" })] }, []],
    [
      "what was not found at the last look",
      { incidents: [incident("control-wedged", { goneSinceMs: 0 })] },
      [],
    ],
  ])("for %s", (_, given, done) => {
    expect(run(given).done).toEqual(done);
  });

  it("that ran out are told, but not before the last one had its time", () => {
    const incidents = of("quota-ghost", "quota", "pods");
    expect(run({ incidents, forMs: MINUTE_MS }).isExhausted).toBe(false);
    expect(run({ incidents, forMs: 2 * MINUTE_MS }).isExhausted).toBe(true);
    expect(run({ incidents: of("node-dns"), forMs: HOUR }).isExhausted).toBe(false);
  });

  it("that failed are tried again, three times", () => {
    const incidents = of("upstream-unavailable", "host", "h");
    const policy = { fallbackIntervalMs: 1 };
    expect(run({ incidents, outcome: "failed", policy }).done).toEqual([
      "0 use-fallback h true",
      "15 use-fallback h true",
      "30 use-fallback h true",
    ]);
  });

  it("that are under way are waited for", () => {
    expect(run({ incidents: of("edge-down"), outcome: null }).done).toHaveLength(1);
  });
});

const HOUR = 60 * MINUTE_MS;

describe("limits", () => {
  it("allow one restart of a control plane in five minutes, whatever the incidents", () => {
    const incidents = [
      incident("control-wedged"),
      incident("control-slow"),
      incident("watch-frozen"),
    ];
    const { done } = run({ incidents, forMs: 11 * MINUTE_MS });
    expect(done).toEqual([
      "0 restart-component control-2",
      "300 restart-component control-2",
      "600 restart-component control-2",
    ]);
  });

  it("are said for the audit", () => {
    const { actions } = decideActions(of("control-wedged"), REMEDY_FACTS, [], DEFAULT_POLICY, 0);
    expect(actions[0]).toMatchObject({
      evidence: "control-wedged it is",
      limit: "1 restart of the control plane in 5 min (0 so far)",
    });
  });

  it.each<[keyof typeof PROTECTIONS, Cause]>([
    ["restarts", "control-wedged"],
    ["edge-repair", "edge-down"],
    ["edge-repair", "edge-unschedulable"],
    ["quota-repair", "quota-ghost"],
    ["upstream-fallback", "upstream-unavailable"],
  ])("without %s nothing is done about %s", (protection, cause) => {
    const policy: Partial<Policy> = PROTECTIONS[protection].off;
    expect(run({ incidents: of(cause), policy }).done).toEqual([]);
  });

  it("count for an incident that is opened again only from then on", () => {
    const again = incident("quota-ghost", {
      subject: { kind: "quota", name: "pods" },
      timeline: [{ kind: "reopened", atMs: 10 * MINUTE_MS, evidence: "again" }],
    });
    const command = { kind: "repair-quota", quota: "pods" } as const;
    const attempt = { incident: again.id, command, atMs: 0, outcome: "done" } as const;
    const policy = { ...DEFAULT_POLICY, quotaRepairIntervalMs: MINUTE_MS };
    const { actions } = decideActions([again], REMEDY_FACTS, [attempt], policy, 11 * MINUTE_MS);
    expect(actions).toHaveLength(1);
  });
});
