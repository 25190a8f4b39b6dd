/** What must hold at every moment of every run; looked at wherever it could cease to hold. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import type { SubmitOutcome } from "#control/control-plane-api.ts";
import type { LaunchEvent, LaunchId } from "#core/launch/launch.ts";
import type { Policy } from "#core/policy.ts";
import type { SessionPurpose } from "#core/session/session.ts";
import type { Ops } from "#ops/ops-ports.ts";
import type { DrillStart } from "../drill/drill.ts";
import type { ApiServer } from "./api-server.ts";
import { AuditInvariants, type Deed } from "./audit-invariants.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";
import type { ControlHost } from "./control-host.ts";
import { LaunchInvariants } from "./launch-invariants.ts";
import type { WorldRecord } from "./records.ts";
import type { PretendSessions } from "./sessions.ts";
import { SizeInvariants } from "./size-invariants.ts";
import { Violations } from "./violations.ts";

/** As much of the world as it looks at. */
interface Looked {
  readonly api: ApiServer;
  readonly cluster: PretendCluster;
  readonly control: ControlHost;
  readonly ops: Ops;
  readonly sessions: PretendSessions;
}

/** A session may end while its launch is told of it. */
const JUST_NOW_MS = 10_000;
const LATE_MS = MINUTE_MS;

export class Invariants {
  readonly #context: WorldContext;
  readonly #policy: Policy;
  readonly #violations: Violations;
  readonly #launches: LaunchInvariants;
  readonly #audit: AuditInvariants;
  readonly #endedAtMs = new Map<string, number>();
  #sizes: SizeInvariants | null = null;
  #world: Looked | null = null;

  constructor(context: WorldContext, policy: Policy, starts: DrillStart) {
    const { clock, recorder } = context;
    this.#context = context;
    this.#policy = policy;
    this.#violations = new Violations(clock, starts);
    const parts = { clock, policy, violations: this.#violations };
    const goneSession = (id: string) => this.#goneSession(id);
    this.#launches = new LaunchInvariants({ ...parts, goneSession });
    this.#audit = new AuditInvariants(parts);
    recorder.onRecord((record) => this.#recorded(record));
  }

  /** Each with its virtual time. */
  get violations(): readonly string[] {
    return this.#violations.list;
  }

  /** From here on the world is there. */
  begin(world: Looked): void {
    const { clock } = this.#context;
    this.#world = world;
    this.#sizes = new SizeInvariants({
      ...{ clock, policy: this.#policy, violations: this.#violations },
      ...{ api: world.api, ops: world.ops, sessions: world.sessions },
    });
  }

  /** 2: sessions never exceed a limit, not even by one. Asked at every pod that is made or claimed. */
  sessionMade({ clientAddress, isCanary, repo }: SessionPurpose): void {
    const { canarySeats, sessionsMax, sessionsPerClientMax, sessionsPerRepoMax } = this.#policy;
    if (this.#world === null) return;
    const { cluster, sessions } = this.#world;
    const { alive, canaries, people } = sessions.counts;
    this.#atMost("sessions", people + Math.max(0, canaries - canarySeats), sessionsMax);
    this.#atMost("sessions on all machines that can be had", alive, cluster.seatsMax);
    if (isCanary) return;
    const { counts } = sessions;
    this.#atMost(`sessions of ${repo.url}`, counts.ofRepo(repo.url), sessionsPerRepoMax);
    if (clientAddress === null) return;
    this.#atMost(
      `sessions of ${clientAddress}`,
      counts.ofClient(clientAddress),
      sessionsPerClientMax,
    );
  }

  /** 4: one build per key, and never more than there are slots. */
  buildsRun(isSecondOfKey: boolean, running: number, slots: number): void {
    if (isSecondOfKey) this.#violations.add(4, "two builds of one key at a time");
    if (running > slots) this.#violations.add(4, `${running} builds in ${slots} slots`);
  }

  submitted(id: LaunchId, outcome: SubmitOutcome): void {
    if (outcome.kind === "accepted") this.#launches.accepted(id, outcome.isNew);
    else this.#launches.refused(id, outcome.failure);
  }

  cancelled(id: LaunchId): void {
    this.#launches.cancelled(id);
  }

  heard(id: LaunchId, event: LaunchEvent): void {
    this.#launches.heard(id, event);
  }

  /** 6: something was done to a machine or a process. */
  done(deed: Deed): void {
    this.#audit.done(deed);
  }

  /** 5: another control plane serves, and never two of them. */
  serving(): void {
    const control = this.#world?.control;
    if (control === undefined) return;
    const { leading, plane } = control;
    if (leading > 1) this.#violations.add(5, `${leading} control planes decide at the same time`);
    if (plane !== null) this.#launches.serving(plane, () => control.plane === plane);
  }

  /** 5: a restart of ours ends no session. */
  restarted(before: number, after: number): void {
    if (after < before) this.#violations.add(5, `a restart ended ${before - after} sessions`);
  }

  /** Once a minute: whatever time alone can break. */
  looked(): void {
    if (this.#world === null) return;
    const { control, sessions } = this.#world;
    this.#launches.looked();
    this.#audit.looked();
    this.#lookAtSessions(sessions);
    const { plane } = control;
    if (plane === null || this.#sizes === null) return;
    if (this.#sizes.looked(plane, control.isStuck)) this.#launches.lookedClosely(plane);
  }

  /** 3: none is older than its limit, and none that nobody came to stays. */
  #lookAtSessions(sessions: PretendSessions): void {
    const nowMs = this.#context.clock.nowMs();
    const { sessionAgeMs, sessionIdleMs } = this.#policy;
    for (const [id, atMs] of this.#endedAtMs) {
      if (nowMs - atMs <= JUST_NOW_MS) break;
      this.#endedAtMs.delete(id);
    }
    for (const pod of sessions.pods.values()) {
      if (pod.step === "ended") continue;
      const { claimedAtMs, idleLimitMs } = pod.record;
      if (claimedAtMs === null) continue;
      const ageMs = nowMs - claimedAtMs;
      if (ageMs > sessionAgeMs + LATE_MS) {
        this.#violations.add(3, `${pod.name} is ${formatDuration(ageMs)} old`);
      }
      if (sessions.isInUse(pod)) continue;
      // Twice the limit is what the session itself allows.
      if (idleLimitMs <= 0 || nowMs - sessions.lastActivityMs(pod) <= 2 * sessionIdleMs + LATE_MS)
        continue;
      this.#violations.add(3, `${pod.name} is nobody's for ${formatDuration(ageMs)}`);
    }
  }

  #recorded(record: WorldRecord): void {
    if (record.kind === "action") this.#audit.recorded(record.record);
    else if (record.kind === "pod-bound") this.#bound(record.node);
    else if (record.kind === "session-ended") {
      this.#endedAtMs.set(record.session, record.atMs);
      // People stop their own; nothing of ours may.
      if (record.wasInUse && (record.end === "stopped" || record.end === "idle")) {
        this.#violations.add(5, `${record.session} is lost to somebody at work: ${record.end}`);
      }
    }
  }

  #bound(name: string): void {
    const node = this.#world?.cluster.nodes.get(name);
    if (node !== undefined) this.#atMost(`sessions on ${name}`, node.sessions, node.seats);
  }

  #goneSession(id: string): string | null {
    const pod = this.#world?.sessions.pods.get(id);
    const endedAtMs = this.#endedAtMs.get(id);
    if (endedAtMs !== undefined && this.#context.clock.nowMs() - endedAtMs <= JUST_NOW_MS) {
      return null;
    }
    if (pod === undefined) return "does not exist";
    if (pod.step === "running") return null;
    return pod.step === "ended" ? "has ended" : "does not run yet";
  }

  #atMost(what: string, count: number, most: number): void {
    if (count > most) this.#violations.add(2, `${count} ${what}, of at most ${most}`);
  }
}
