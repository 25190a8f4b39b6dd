/** The table of contents: every part of the control plane, what it is given, and every loop by name. */
import { Loops, type LoopSpec } from "#base/loops.ts";
import { SECOND_MS } from "#base/units.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import type { Policy } from "#core/policy.ts";
import { canonicalUrl } from "#core/repo/provider.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { History } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { Machine } from "#ports/machine.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { Builds } from "./builds.ts";
import type { ControlPlane } from "./control-plane-api.ts";
import { Culler } from "./culler.ts";
import { EnvironmentShelf } from "./environment-shelf.ts";
import { LaunchActions } from "./launch-actions.ts";
import { launchEntry, sessionEntry } from "./history-entries.ts";
import { Launches } from "./launches.ts";
import { Notices } from "./notices.ts";
import { Seats } from "./seats.ts";
import { SessionDesk } from "./session-desk.ts";
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

interface Parts {
  readonly registry: SessionRegistry;
  readonly builds: Builds;
  readonly seats: Seats;
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
  const { builder, clock, driver, history, log } = ports;
  const { policy } = options;
  const parts = createParts(ports, options);
  const { builds, desk, launches, registry, seats, shelf } = parts;
  const loops = new Loops({ clock, log, leaseMs: policy.loopLeaseMs });
  let isReady = false;
  let stopHints: () => void = () => undefined;
  registry.onChange(sessionListener(ports, parts));
  return {
    launches,
    sessions: desk,
    environments: shelf,
    limits: () => ({
      sessions: { used: seats.taken, max: seats.max },
      builds: { used: builds.size, max: policy.buildsMax },
      queue: { used: seats.waiting, max: policy.queueMax },
      warm: {
        used: registry.list().filter(({ record }) => record.purpose === null).length,
        max: policy.warmServersMax,
      },
      policy,
    }),
    loops: () => loops.view(),
    isReady: () => isReady,
    history: (kind, limit) => history.recent(kind, limit),
    async start() {
      await builder.cleanUp();
      await registry.resync(() => true);
      isReady = true;
      stopHints = driver.onHint((id) => {
        registry.refresh(id).catch((error: unknown) => {
          log.warn("a hint led nowhere", { id, error });
        });
      });
      for (const spec of loopsOf(parts, policy)) loops.start(spec);
    },
    async stop() {
      stopHints();
      loops.stop();
      launches.stop();
      builds.stop();
      seats.stop();
    },
  };
}

/** Every loop by name. */
function loopsOf(
  { culler, notices, pool, registry, seats, shelf }: Parts,
  policy: Policy,
): readonly LoopSpec[] {
  return [
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
      intervalMs: policy.resyncIntervalMs,
      round: (isCurrent) => notices.round(isCurrent),
    },
    {
      name: "warm-pool",
      intervalMs: WARM_INTERVAL_MS,
      round: (isCurrent) => pool.round(isCurrent),
    },
    {
      name: "environments",
      intervalMs: policy.pruneIntervalMs,
      round: async () => void (await shelf.prune(policy.environmentsMaxBytes)),
    },
  ];
}

function createParts(ports: ControlPlanePorts, options: ControlPlaneOptions): Parts {
  const { clock, history } = ports;
  const { policy } = options;
  const registry = new SessionRegistry(ports.driver);
  const builds = new Builds({ ...ports, policy });
  const seats = new Seats({
    clock,
    policy,
    sessions: () => registry.list(),
    repoKeyOf: ({ record }) => (record.purpose === null ? "" : canonicalUrl(record.purpose.repo)),
    log: ports.log,
    wake: (launchId) => launches.wake(launchId),
    short: () => undefined,
  });
  const pool = new WarmPool({
    ...ports,
    registry,
    policy,
    peopleWaiting: () => launches.pending + builds.size,
  });
  const actions = new LaunchActions({ ...ports, ...options, registry, builds, seats, pool });
  const launches: Launches = new Launches({
    ...ports,
    registry,
    seats,
    policy,
    act: (run, action) => actions.act(run, action),
    ended: (view) => history.append(launchEntry(view, clock.nowMs())),
  });
  const wanted = () => launches.environmentKeys();
  return {
    registry,
    builds,
    seats,
    pool,
    launches,
    notices: new Notices({ ...ports, registry, policy }),
    culler: new Culler({ ...ports, registry, policy }),
    shelf: new EnvironmentShelf({ ...ports, registry, builds, wanted }),
    desk: new SessionDesk({ ...ports, registry, policy }),
  };
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
    const hadSeat = before !== null && before.state.kind !== "ended";
    if (!hasEnded || !hadSeat || before.record.purpose === null) return;
    history.append(sessionEntry(now ?? before, clock.nowMs()));
  };
}
