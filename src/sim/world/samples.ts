/** How the world looks, once a minute: what the curves of an operator are drawn from. */
import { MINUTE_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Crowd } from "../people/crowd.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";
import type { Invariants } from "./invariants.ts";
import { isNobodys } from "./nobodys.ts";
import type { PretendSessions } from "./sessions.ts";

interface Sampled {
  readonly cluster: PretendCluster;
  readonly context: WorldContext;
  readonly crowd: Crowd;
  readonly invariants: Invariants;
  readonly plane: ControlPlane | null;
  readonly sessions: PretendSessions;
}

const IDLE_SHOWN_MS = 15 * MINUTE_MS;

export function sampleEachMinute(world: Sampled): void {
  sample(world);
  world.context.clock.setTimer(MINUTE_MS, () => sampleEachMinute(world));
}

function sample({ cluster, context, crowd, invariants, plane, sessions }: Sampled): void {
  const nowMs = context.clock.nowMs();
  let oldestSessionMs = 0;
  let idle = 0;
  let nobodys = 0;
  for (const pod of sessions.pods.values()) {
    if (pod.step === "ended") continue;
    const { claimedAtMs, createdAtMs } = pod.record;
    oldestSessionMs = Math.max(oldestSessionMs, nowMs - (claimedAtMs ?? createdAtMs));
    if (pod.role === "session" && sessions.isInUse(pod)) continue;
    const lastActivityMs = sessions.lastActivityMs(pod);
    if (nowMs - lastActivityMs > IDLE_SHOWN_MS) idle += 1;
    const isAwaited = pod.useUntilMs === null && crowd.isWaiting(pod.launch);
    if (isNobodys(pod, { nowMs, lastActivityMs, isAwaited })) nobodys += 1;
  }
  const { alive } = sessions;
  context.recorder.add({
    kind: "sample",
    atMs: nowMs,
    nodes: cluster.nodes.size,
    pods: alive,
    sessions: alive - nobodys,
    pending: cluster.pendingPeople,
    queued: plane?.limits().queue.used ?? 0,
    oldestSessionMs,
    idleShare: alive === 0 ? 0 : idle / alive,
  });
  invariants.looked();
}
