/** Puts what is around the cluster together with this world. */
import { SECOND_MS } from "#base/units.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { CanaryDoor, OperatorDoor } from "#ports/operator.ts";
import type { Quotas } from "#ports/platform.ts";
import type { Ops } from "#ops/ops-ports.ts";
import type { Distribution, Drill, MemberSpec } from "../drill/drill.ts";
import type { PeoplesDoor } from "../people/person.ts";
import type { ApiServer } from "./api-server.ts";
import type { WorldContext } from "./context.ts";
import type { ControlHost } from "./control-host.ts";
import { Federation } from "./federation.ts";
import { Platform } from "./platform.ts";
import type { PretendSessions } from "./sessions.ts";
import type { ReleaseTraits } from "./releases.ts";

/** What the canaries launch, in staging too. */
const CANARY = "canary";
/** The others must be up again before the one that decides ends. */
const NEXT_PROCESS_MS = 8 * SECOND_MS;

interface PlatformWorld {
  readonly context: WorldContext;
  readonly drill: Drill;
  readonly policy: Policy;
  readonly api: ApiServer;
  readonly control: ControlHost;
  readonly sessions: PretendSessions;
  readonly components: Components;
  /** Begins after the platform. */
  readonly ops: Ops;
}

export interface OwnDoors {
  readonly door: PeoplesDoor;
  readonly canary: CanaryDoor;
  readonly operator: OperatorDoor;
  readonly quotas: Quotas;
  readonly log: Log;
}

export function openPlatform(world: PlatformWorld, own: OwnDoors): Platform {
  const { context, drill, policy } = world;
  const { certificates, cluster, release } = drill.world;
  const audit = (record: AuditRecord) => {
    context.recorder.add({
      kind: "action",
      atMs: context.clock.nowMs(),
      record,
    });
  };
  world.control.release = release;
  return new Platform(context, {
    ...{ release, certificates, audit, policy, log: own.log },
    federation: federationOf(world, own, audit),
    imagePullMs: drill.world.repos[CANARY]?.pullMs ?? cluster.imagePullMs,
    sessionStartMs: cluster.sessionStartMs,
    canarySeats: () => policy.canarySeats,
    isFull: () => isFull(world),
    isRefusing: () => world.api.isRefusing,
    components: world.components,
    status: () => own.operator.status(),
    incidents: () => world.ops.incidents(),
    started: (name, traits) => install(world.control, context, name, traits),
  });
}

function federationOf(
  world: PlatformWorld,
  own: OwnDoors,
  audit: (record: AuditRecord) => void,
): Federation | null {
  const { context, drill, policy } = world;
  const { cluster, members, release, sessions } = drill.world;
  const [first, ...others] = members;
  if (first === undefined) return null;
  const { length } = sessions;
  const specs: readonly [MemberSpec, ...MemberSpec[]] = [first, ...others];
  return new Federation(context, {
    ...{ specs, release, audit, policy, log: own.log },
    seats: cluster.nodesMax * cluster.seatsPerNode,
    running: sessions.running,
    startMs: cluster.sessionStartMs,
    stayMeanMs: meanMs(length),
    own: own.door,
    ownCanary: own.canary,
    ownQuotas: own.quotas,
    isOwnFull: () => isFull(world),
  });
}

function meanMs(length: Distribution): number {
  switch (length.kind) {
    case "fixed":
      return length.valueMs;
    case "exp":
      return length.meanMs;
    case "uniform":
      return (length.fromMs + length.toMs) / 2;
  }
}

/** People wait for seats. */
function isFull({ control }: PlatformWorld): boolean {
  const limits = control.plane?.limits();
  return limits !== undefined && limits.sessions.used >= limits.sessions.max;
}

/** One process after the other begins anew with the release. */
function install(
  control: ControlHost,
  { clock }: WorldContext,
  release: string,
  traits: ReleaseTraits,
): void {
  control.release = release;
  const isLeaking = traits.leakMemoryBytes > 0 || traits.stallsAt > 0;
  control.leak = isLeaking
    ? {
        handles: 0,
        memoryBytes: traits.leakMemoryBytes,
        stallsAt: traits.stallsAt > 0 ? traits.stallsAt : Number.POSITIVE_INFINITY,
      }
    : null;
  const leader = control.leaderReplica?.name;
  const others = control.replicas.filter(({ name }) => name !== leader);
  for (const { name } of others) control.restart(name);
  clock.setTimer(others.length > 0 ? NEXT_PROCESS_MS : 0, () => {
    if (leader !== undefined) control.restart(leader);
  });
}
