/** Whatever grows in a run has its limit in the policy, and nobody believes for long in what is gone. */
import { MINUTE_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Policy } from "#core/policy.ts";
import type { Ops } from "#ops/ops-ports.ts";
import type { ApiServer } from "./api-server.ts";
import type { PretendSessions } from "./sessions.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { Violations } from "./violations.ts";

interface Parts {
  readonly clock: VirtualClock;
  readonly policy: Policy;
  readonly violations: Violations;
  readonly sessions: PretendSessions;
  readonly api: ApiServer;
  readonly ops: Ops;
}

/** Canaries wait beside people. */
const CANARIES_MAX = 100;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

export class SizeInvariants {
  readonly #parts: Parts;
  /** Sessions that the control plane believed in although they were gone, at the last look. */
  #ghosts = new Set<string>();
  #ghostsOf: ControlPlane | null = null;
  #looks = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Once a minute; what looks at everything goes seldom. True when it did. */
  looked(plane: ControlPlane, isStuck: boolean): boolean {
    const { ops, policy } = this.#parts;
    this.#looks += 1;
    const { builds, queue } = plane.limits();
    this.#judge("people who wait", queue.used, policy.queueMax + CANARIES_MAX);
    this.#judge("builds that wait", builds.used, policy.queueMax + CANARIES_MAX);
    if (this.#looks % 5 === 0) this.#lookForGhosts(plane, isStuck);
    if (this.#looks % 10 !== 0) return false;
    const incidents = ops.incidents();
    this.#judge("incidents", incidents.length, policy.incidentsKeptMax);
    for (const { id, timeline } of incidents) {
      this.#judge(`entries of ${id}`, timeline.length, policy.incidentTimelineMax);
    }
    this.#judge("records of the watch", ops.audit(EVERYTHING).length, policy.auditKeptMax);
    const { backgroundBuildsQueuedMax, queueMax } = policy;
    const buildsMax = backgroundBuildsQueuedMax + queueMax + policy.buildsMax;
    this.#judge("builds", plane.environments.builds().length, buildsMax);
    void plane.operations
      .audit(EVERYTHING)
      .then(({ length }) => this.#judge("records of commands", length, policy.auditKeptMax));
    return true;
  }

  #judge(what: string, count: number, most: number): void {
    if (count > most) this.#parts.violations.add(7, `${count} ${what}, of at most ${most}`);
  }

  /** 3: no way leads for long to a session that is gone. */
  #lookForGhosts(plane: ControlPlane, isStuck: boolean): void {
    const { api, clock, sessions, violations } = this.#parts;
    const before = plane === this.#ghostsOf ? this.#ghosts : new Set<string>();
    this.#ghostsOf = plane;
    this.#ghosts = new Set();
    // Who cannot ask cannot know.
    if (isStuck || clock.nowMs() - api.refusedUntilMs < 5 * MINUTE_MS) return;
    for (const { record, state } of plane.sessions.list()) {
      if (state.kind === "ended") continue;
      const pod = sessions.pods.get(record.id);
      if (pod !== undefined && pod.step !== "ended") continue;
      if (before.has(record.id)) violations.add(3, `${record.id} is gone, and still listed`);
      this.#ghosts.add(record.id);
    }
  }
}
