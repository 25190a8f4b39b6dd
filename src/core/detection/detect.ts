/** One look at everything: each question asked of what was observed, and the answers held together. */
import type { Finding } from "../incident/finding.ts";
import type { NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";
import { detectCanaries } from "./canaries.ts";
import {
  type Afterglow,
  correlate,
  type Correlated,
  hasCulprit,
  noteSeen,
  seenLately,
} from "./correlate.ts";
import { type CrashMemory, detectCrashLoops } from "./detect-crash-loops.ts";
import { type DemandMemory, detectDemand } from "./detect-demand.ts";
import { detectDoor, type DoorMemory, OPEN_DOOR } from "./detect-door.ts";
import { detectEdge, EDGE_AT_REST, type EdgeMemory } from "./detect-edge.ts";
import { detectIdleBuilds, type IdleBuildsMemory } from "./detect-idle-builds.ts";
import { detectLeaks, type LeakMemory } from "./detect-leaks.ts";
import { detectLoops, type LoopMemory, NO_LOOPS } from "./detect-loops.ts";
import { detectMisplaced, type MisplacedMemory } from "./detect-misplaced.ts";
import { detectQuotas, type QuotaMemory } from "./detect-quotas.ts";
import { detectSlowness, type SlownessMemory } from "./detect-slowness.ts";
import { detectUpstreams, NO_UPSTREAMS, type UpstreamMemory } from "./detect-upstreams.ts";
import { EMPTY_WINDOW, launchesAsked, type LaunchWindow, noteCounts } from "./launch-window.ts";
import type { ComponentLook, Observed } from "./observed.ts";
import { noteReleases, type ReleaseMemory, youngReleases } from "./young-releases.ts";

/** Bounded: minutes of samples, and one entry for each thing that exists. */
export interface DetectionMemory {
  readonly window: LaunchWindow;
  readonly demand: DemandMemory | null;
  readonly door: DoorMemory;
  readonly leaks: LeakMemory;
  readonly slowness: SlownessMemory;
  readonly crashes: CrashMemory;
  readonly edge: EdgeMemory;
  readonly misplaced: MisplacedMemory;
  readonly quotas: QuotaMemory;
  readonly idleBuilds: IdleBuildsMemory;
  readonly loops: LoopMemory;
  readonly upstreams: UpstreamMemory;
  readonly afterglow: Afterglow;
  readonly releases: ReleaseMemory;
  /** As last known: a control plane that is silent says nothing of nodes. */
  readonly nodes: readonly NodeObservation[] | null;
}

export const FRESH_MEMORY: DetectionMemory = {
  window: EMPTY_WINDOW,
  demand: null,
  door: OPEN_DOOR,
  leaks: new Map(),
  slowness: new Map(),
  crashes: new Map(),
  edge: EDGE_AT_REST,
  misplaced: new Map(),
  quotas: new Map(),
  idleBuilds: null,
  loops: NO_LOOPS,
  upstreams: NO_UPSTREAMS,
  afterglow: new Map(),
  releases: new Map(),
  nodes: null,
};

export interface Detection extends Correlated {
  readonly memory: DetectionMemory;
  /** A canary now would tell more. */
  readonly isSuspicious: boolean;
  /** A canary that builds, too. */
  readonly isUpstreamSuspicious: boolean;
  /** A release began that soon ago. */
  readonly hasYoungRelease: boolean;
  /** Something other than the control plane explains that launches do not end. */
  readonly hasCulprit: boolean;
}

export function detect(
  memory: DetectionMemory,
  observed: Observed,
  policy: Policy,
  nowMs: number,
): Detection {
  const { canaries, extraFindings, status } = observed;
  const window = noteCounts(memory.window, status, policy, nowMs);
  // One that has just begun to decide has not looked at any yet.
  const isNone = status === null || status.nodes.length === 0;
  const nodes = isNone ? memory.nodes : status.nodes.map(({ node }) => node);
  const parts = detectComponents({ ...memory, window, nodes }, observed, policy, nowMs);
  const quotas = detectQuotas(memory.quotas, observed.quotas ?? [], policy, nowMs);
  const idle =
    status === null
      ? { memory: null, findings: [] }
      : detectIdleBuilds(memory.idleBuilds, status.builds, policy, nowMs);
  const loops =
    status === null ? { memory: NO_LOOPS, findings: [] } : detectLoops(memory.loops, status, nowMs);
  const failuresByHost = status?.builds.failuresByHost ?? {};
  const hosts = { failuresByHost, canaries, fallbacks: observed.fallbacks };
  const upstreams = detectUpstreams(memory.upstreams, hosts, policy, nowMs);
  const given = [
    ...loops.findings,
    ...[...(status?.findings ?? []), ...extraFindings, ...parts.findings, ...quotas.findings],
    ...upstreams.findings,
  ];
  const lately = seenLately(memory.afterglow, policy.demandStallMs, nowMs);
  const isExplained = hasCulprit([...given, ...lately], nodes ?? [], nowMs);
  const demand = detectDemand(
    memory.demand,
    { status, window, canaries, hasCulprit: isExplained },
    policy,
    nowMs,
  );
  const door = detectDoor(memory.door, observed, policy, nowMs);
  const own = [...demand.findings, ...door.findings, ...detectCanaries(canaries), ...idle.findings];
  const found = [...given, ...own];
  const afterglow = noteSeen(memory.afterglow, found, nowMs);
  return {
    ...correlate(found, afterglow, nodes ?? [], nowMs),
    memory: {
      ...{ ...parts.memory, window, nodes, demand: demand.memory, door: door.memory },
      ...{ quotas: quotas.memory, idleBuilds: idle.memory, loops: loops.memory },
      ...{ upstreams: upstreams.memory, afterglow },
    },
    isSuspicious: demand.isSuspicious,
    isUpstreamSuspicious: upstreams.isSuspicious,
    hasYoungRelease: parts.young.size > 0,
    hasCulprit: isExplained,
  };
}

type ComponentsMemory = Pick<
  DetectionMemory,
  "leaks" | "slowness" | "crashes" | "edge" | "misplaced" | "releases"
>;

/** What can be asked of Bindery's own processes. */
function detectComponents(
  memory: DetectionMemory,
  { components, status }: Observed,
  policy: Policy,
  nowMs: number,
): {
  readonly memory: ComponentsMemory;
  readonly findings: readonly Finding[];
  readonly young: ReadonlyMap<string, string>;
} {
  if (components === null) {
    const { crashes, edge, leaks, misplaced, releases, slowness } = memory;
    const young = new Map<string, string>();
    return { memory: { crashes, edge, leaks, misplaced, releases, slowness }, findings: [], young };
  }
  const releases = noteReleases(memory.releases, components, nowMs);
  const young = youngReleases(releases, components, policy, nowMs);
  const launches = launchesAsked(memory.window);
  const underWay = status?.launches.underWay ?? 0;
  const forLeaks = { components: leaky(components), launches, underWay, youngReleases: young };
  const leaks = detectLeaks(memory.leaks, forLeaks, policy, nowMs);
  const slowness = detectSlowness(memory.slowness, components, policy, nowMs);
  const crashes = detectCrashLoops(memory.crashes, components, policy, nowMs);
  const places = { components, nodes: memory.nodes };
  const edge = detectEdge(memory.edge, places, policy, nowMs);
  const misplaced = detectMisplaced(memory.misplaced, places, policy, nowMs);
  return {
    memory: {
      ...{ leaks: leaks.memory, slowness: slowness.memory, crashes: crashes.memory },
      ...{ edge: edge.memory, misplaced: misplaced.memory, releases },
    },
    findings: [
      ...[...leaks.findings, ...slowness.findings, ...crashes.findings, ...edge.findings],
      ...misplaced.findings,
    ],
    young,
  };
}

/** A replica of the edge holds a socket for each person, so that its handles follow the launches. */
function leaky(components: readonly ComponentLook[]): readonly ComponentLook[] {
  return components.filter(({ role }) => role !== "edge");
}
