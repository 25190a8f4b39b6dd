/** What an onlooker with perfect sight measures: how old the control plane's knowledge is, what is nobody's, what stops slowly. */
import { SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { ApiServer } from "./api-server.ts";
import type { WorldContext } from "./context.ts";
import type { SessionPod } from "./pods.ts";
import type { PretendSessions } from "./sessions.ts";
import type { WorldRecord } from "./records.ts";

export interface GaugesParts {
  readonly context: WorldContext;
  readonly api: ApiServer;
  readonly sessions: PretendSessions;
  readonly plane: () => ControlPlane | null;
}

const LOOK_MS = 1 * SECOND_MS;
/** What goes on is written down so often; what is over at once is not worth a record. */
const TOLD_EACH_MS = 10 * SECOND_MS;

type Open = Map<string, number>;

export class Gauges {
  readonly #parts: GaugesParts;
  /** Sessions that the control plane may see wrongly, and for how long it could have known better. */
  readonly #stale: Open = new Map();
  /** Sessions whose end was asked for. */
  readonly #stopping: Open = new Map();
  /** Sessions whose launch has ended without them. */
  readonly #ownerless: Open = new Map();
  readonly #endedLaunches = new Set<string>();
  readonly #podsOfLaunch = new Map<string, Set<string>>();
  #isLooking = false;

  constructor(parts: GaugesParts) {
    this.#parts = parts;
    parts.api.changed = (id) => this.#changed(id);
    parts.sessions.stopAsked = (id) => this.#add(this.#stopping, id);
    parts.context.recorder.onRecord((record) => this.#recorded(record));
  }

  #changed(id: string): void {
    this.#add(this.#stale, id);
    const pod = this.#parts.sessions.pods.get(id);
    const launch = pod?.record.purpose?.launchId;
    if (pod === undefined || launch === undefined) return;
    const pods = this.#podsOfLaunch.get(launch);
    if (pod.step === "ended") {
      pods?.delete(id);
      if (pods?.size === 0) this.#podsOfLaunch.delete(launch);
    } else if (pods === undefined) this.#podsOfLaunch.set(launch, new Set([id]));
    else pods.add(id);
    if (this.#endedLaunches.has(launch)) this.#disown(pod);
  }

  #recorded(record: WorldRecord): void {
    if (record.kind !== "launch-ended") return;
    this.#endedLaunches.add(record.launch);
    for (const id of this.#podsOfLaunch.get(record.launch) ?? []) {
      const pod = this.#parts.sessions.pods.get(id);
      if (pod !== undefined) this.#disown(pod);
    }
  }

  /** Whether somebody uses it is known a moment later. */
  #disown(pod: SessionPod): void {
    if (pod.step !== "ended") this.#add(this.#ownerless, pod.name);
  }

  #add(open: Open, id: string): void {
    if (!open.has(id)) open.set(id, 0);
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#parts.context.clock.setTimer(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const { api } = this.#parts;
    // Nobody can know better while nobody can be asked.
    this.#judge(this.#stale, "control.cacheAgeMs", (id) => this.#isKnown(id), !api.isDown);
    this.#judge(this.#stopping, "sessions.stoppingMs", (id) => this.#isStopped(id), true);
    this.#judge(this.#ownerless, "sessions.orphanAgeMs", (id) => this.#isOwned(id), true);
    this.#isLooking = this.#stale.size + this.#stopping.size + this.#ownerless.size > 0;
    if (this.#isLooking) this.#parts.context.clock.setTimer(LOOK_MS, () => this.#look());
  }

  #judge(open: Open, what: string, isOver: (id: string) => boolean, isCounted: boolean): void {
    const { clock, recorder } = this.#parts.context;
    for (const [id, ageMs] of open) {
      const value = isCounted ? ageMs + LOOK_MS : ageMs;
      const isDone = isOver(id);
      if (isDone) open.delete(id);
      else open.set(id, value);
      const isTold = isDone ? ageMs > 0 : isCounted && value % TOLD_EACH_MS === 0;
      if (isTold) recorder.add({ kind: "measured", atMs: clock.nowMs(), what, value });
    }
  }

  /** The control plane sees it as it is. */
  #isKnown(id: string): boolean {
    const plane = this.#parts.plane();
    if (plane === null) return false;
    const pod = this.#parts.sessions.pods.get(id);
    const seen = plane.sessions.get(id);
    if (pod === undefined || seen === null) return pod === undefined && seen === null;
    const { state } = seen;
    if (pod.step === "ended" || state.kind === "ended") {
      return pod.step === "ended" && state.kind === "ended";
    }
    if ((pod.node?.name ?? null) !== seen.node) return false;
    const step = state.kind === "running" ? "running" : state.step;
    return step === pod.step;
  }

  #isStopped(id: string): boolean {
    const pod = this.#parts.sessions.pods.get(id);
    if (pod !== undefined && pod.step !== "ended") return false;
    const seen = this.#parts.plane()?.sessions.get(id) ?? null;
    return seen === null || seen.state.kind === "ended";
  }

  #isOwned(id: string): boolean {
    const pod = this.#parts.sessions.pods.get(id);
    return pod === undefined || pod.step === "ended" || pod.useUntilMs !== null;
  }
}
