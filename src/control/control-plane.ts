/** The table of contents: every part of the control plane, what it is given, and every loop by name. */
import { Loops, type LoopSpec } from "#base/loops.ts";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Components } from "#ports/components.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { History } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { Machine } from "#ports/machine.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { withAnswerLimits } from "./answer-limits.ts";
import { Builds } from "./builds.ts";
import { Capacity } from "./capacity.ts";
import { NOTHING_KNOWN } from "./cluster-supply.ts";
import type { ControlPlane } from "./control-plane-api.ts";
import { Culler } from "./culler.ts";
import { EnvironmentShelf } from "./environment-shelf.ts";
import { LaunchActions } from "./launch-actions.ts";
import { launchEntry, sessionEntry } from "./history-entries.ts";
import { Launches } from "./launches.ts";
import { Notices } from "./notices.ts";
import { Prefetch } from "./prefetch.ts";
import { PullTimes } from "./pull-times.ts";
import { createOperations, type OperationsRoom } from "./operations/create-operations.ts";
import { RepoKeys } from "./repo-keys.ts";
import { Seats } from "./seats.ts";
import { SessionDesk } from "./session-desk.ts";
import { SessionAudit } from "./session-audit.ts";
import { SessionEnder } from "./session-ender.ts";
import { type SessionListener, SessionRegistry } from "./session-registry.ts";
import { WarmPool } from "./warm-pool.ts";

/** Everything that touches the outside; the worlds differ only in these. */
export interface ControlPlanePorts {
  readonly source: RepoSource;
  readonly builder: EnvironmentBuilder;
  readonly driver: SessionDriver;
  readonly edge: Edge;
  readonly machine: Machine;
  readonly cluster: Cluster;
  /** Bindery's own processes; missing where nobody lists them. */
  readonly components?: Components | null;
  readonly history: History;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ControlPlaneOptions {
  readonly policy: Policy;
  readonly planOptions: PlanOptions;
  /** Where people find this Bindery, with a slash at the end. */
  readonly publicUrl: string;
}

/** Between two looks at the warm pool: the people who come back after a start go first. */
const WARM_INTERVAL_MS = 2 * SECOND_MS;
/** What looks at every session for its person's sake looks at least so often. */
const NOTICES_INTERVAL_MAX_MS = 1 * MINUTE_MS;

interface Parts {
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly audit: SessionAudit;
  readonly builds: Builds;
  readonly seats: Seats;
  readonly capacity: Capacity;
  readonly room: OperationsRoom;
  readonly pool: WarmPool;
  readonly launches: Launches;
  readonly notices: Notices;
  readonly culler: Culler;
  readonly shelf: EnvironmentShelf;
  readonly desk: SessionDesk;
}

export function createControlPlane(
  ports: ControlPlanePorts,
  options: ControlPlaneOptions,
): ControlPlane {
  const { builder, clock, history, log } = ports;
  const { policy } = options;
  const loops: Loops = new Loops({
    ...{ clock, log, leaseMs: policy.loopLeaseMs },
    restarted: (loop, evidence) => room.noteLoopRestart(loop, evidence),
  });
  const parts = createParts(ports, options, loops);
  const { audit, builds, capacity, desk, ender, launches, registry, room, seats, shelf } = parts;
  let isReady = false;
  let stopHints: () => void = () => undefined;
  registry.onChange(sessionListener(ports, parts));
  registry.onListed(() => audit.look());
  return {
    launches,
    sessions: desk,
    environments: shelf,
    operations: room.operations,
    limits: () => ({
      sessions: { used: seats.taken, max: seats.max },
      builds: { used: builds.size, max: policy.buildsMax },
      queue: { used: seats.waiting, max: policy.queueMax },
      warm: {
        used: registry.warmCount,
        max: policy.warmServersMax,
      },
      waitEstimateErrorMedian: seats.waitErrorMedian,
      policy,
    }),
    loops: () => loops.view(),
    isReady: () => isReady,
    history: (kind, limit) => history.recent(kind, limit),
    async start() {
      await builder.cleanUp();
      await registry.resync(() => true);
      await room.restore();
      await capacity
        .round(() => true)
        .catch((error: unknown) => {
          log.warn("what the machines hold is not known yet", { error });
          seats.setSupply(NOTHING_KNOWN);
        });
      isReady = true;
      registry.follow();
      stopHints = ports.cluster.onHint(() => loops.hurry("capacity"));
      for (const spec of loopsOf(parts, policy)) loops.start(spec);
    },
    async stop() {
      stopHints();
      registry.stop();
      loops.stop();
      ender.stop();
      launches.stop();
      builds.stop();
      seats.stop();
    },
  };
}

/** Every loop by name. */
function loopsOf(
  { capacity, culler, notices, pool, registry, room, seats, shelf }: Parts,
  policy: Policy,
): readonly LoopSpec[] {
  const specs: readonly LoopSpec[] = [
    {
      name: "sessions",
      intervalMs: policy.resyncIntervalMs,
      round: async (isCurrent) => {
        await registry.resync(isCurrent);
        if (isCurrent()) seats.recount();
      },
    },
    {
      name: "culler",
      intervalMs: policy.cullIntervalMs,
      round: (isCurrent) => culler.round(isCurrent),
    },
    {
      name: "notices",
      intervalMs: Math.min(policy.cullIntervalMs, NOTICES_INTERVAL_MAX_MS),
      round: (isCurrent) => notices.round(isCurrent),
    },
    {
      name: "capacity",
      intervalMs: policy.capacityIntervalMs,
      round: (isCurrent) => capacity.round(isCurrent),
    },
    {
      name: "node-health",
      intervalMs: policy.nodeProbeIntervalMs,
      round: (isCurrent) => room.nodeHealth.round(isCurrent),
    },
    {
      name: "warm-pool",
      intervalMs: policy.warmServersMax > 0 ? WARM_INTERVAL_MS : MINUTE_MS,
      round: (isCurrent) => pool.round(isCurrent),
    },
    {
      name: "environments",
      intervalMs: policy.pruneIntervalMs,
      round: async () => void (await shelf.prune(policy.environmentsMaxBytes)),
    },
  ];
  return specs.filter(({ intervalMs }) => Number.isFinite(intervalMs));
}

function createParts(ports: ControlPlanePorts, options: ControlPlaneOptions, loops: Loops): Parts {
  const { clock, history } = ports;
  const { policy } = options;
  const repoKeys = new RepoKeys();
  const registry = new SessionRegistry({
    ...ports,
    policy,
    hurry: () => loops.hurry("sessions"),
  });
  const ender = new SessionEnder({ ...ports, registry, policy });
  const builds = new Builds({ ...ports, policy, repoKeys });
  const seats = new Seats({
    clock,
    policy,
    sessions: () => registry.list(),
    repoKeyOf: ({ record }) => (record.purpose === null ? "" : repoKeys.of(record.purpose.repo)),
    log: ports.log,
    wake: (launchId) => launches.wake(launchId),
    short: () => loops.hurry("capacity"),
  });
  const room = createOperations({
    ...{ ...ports, registry, loops, policy, repoKeys },
    sessions: () => desk,
    keepPlaceholders: (count) => capacity.keepPlaceholders(count),
    status: () => ({
      ...{ builds, capacity, ender, launches, seats },
      finders: [registry, ender, audit, capacity, builds],
    }),
  });
  const waitedFor = () => launches.waitedFor();
  const capacity = createCapacity(ports, policy, { seats, registry, repoKeys, room, waitedFor });
  const pool = new WarmPool({
    ...ports,
    registry,
    ender,
    policy,
    peopleWaiting: () => launches.pending + builds.size,
  });
  const actions = new LaunchActions({
    ...{ ...ports, ...options, registry, ender },
    ...{ builds, seats, pool, repoKeys },
  });
  const launches: Launches = new Launches({
    ...{ ...ports, repoKeys, registry, seats, policy },
    act: withAnswerLimits((run, action) => actions.act(run, action), ports),
    ended: (view) => history.append(launchEntry(view, clock.nowMs())),
    noteOutcome: (outcome) => room.nodeHealth.noteOutcome(outcome),
    placementWaitMs: (position) => capacity.placementWaitMs(position),
  });
  const wanted = () => launches.environmentKeys();
  const culler = new Culler({ ...ports, registry, ender, policy });
  const audit = new SessionAudit({
    ...{ ...ports, registry, ender, policy },
    ownership: (session) => launches.ownershipOf(session),
    activeSinceMs: () => culler.activeSinceMs,
  });
  const desk = new SessionDesk({ ...ports, registry, ender, policy });
  const notices = new Notices({ ...ports, registry, policy });
  const shelf = new EnvironmentShelf({ ...ports, registry, builds, wanted });
  return {
    ...{ registry, ender, audit, builds, seats, capacity, room, pool },
    ...{ launches, notices, culler, shelf, desk },
  };
}

/** Seats against machines, and what these copy ahead. */
function createCapacity(
  ports: ControlPlanePorts,
  policy: Policy,
  parts: Pick<Parts, "seats" | "registry" | "room"> & {
    readonly repoKeys: RepoKeys;
    readonly waitedFor: Launches["waitedFor"];
  },
): Capacity {
  const { registry, room } = parts;
  const pullTimes = new PullTimes(ports.clock, policy.pullGuessMs);
  registry.onChange((before, now) => pullTimes.note(before, now));
  return new Capacity({
    ...{ ...ports, ...parts, policy },
    prefetch: new Prefetch({ ...ports, ...parts, policy }),
    pullMs: () => pullTimes.longMs,
    bookings: (nowMs) => room.bookings.due(nowMs),
    isFailing: (node) => room.nodeHealth.isFailing(node),
    act: (command, evidence) => room.act(command, evidence),
  });
}

/** A session that changes wakes its launch; one that ends gives its seat back. */
function sessionListener(
  { clock, history }: ControlPlanePorts,
  { launches, seats }: Parts,
): SessionListener {
  return (before, now) => {
    seats.noteSession(before, now);
    const purpose = (now ?? before)?.record.purpose;
    if (purpose !== null && purpose !== undefined) launches.wake(purpose.launchId);
    const hasEnded = now === null || now.state.kind === "ended";
    const id = (now ?? before)?.record.id;
    if (hasEnded && id !== undefined) launches.noteGone(id);
    const hadSeat = before !== null && before.state.kind !== "ended";
    if (!hasEnded || !hadSeat || before.record.purpose === null) return;
    history.append(sessionEntry(now ?? before, clock.nowMs()));
  };
}
