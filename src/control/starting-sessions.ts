/** The sessions that start, by node: kept up to date so that few are looked at, however many there are. */
import type { StuckStarts } from "#core/nodes/node-health.ts";
import { type ObservedSession, type SessionId, startStepOf } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { SessionRegistry } from "./session-registry.ts";

const NONE: ReadonlyMap<string, StuckStarts> = new Map();

export class StartingSessions {
  readonly #registry: Pick<SessionRegistry, "get" | "onChange">;
  /** Since when its server begins: what is copied for it first takes the time that it takes. */
  readonly #starting = new Map<SessionId, number>();
  readonly #repoKeys: RepoKeys;
  readonly #clock: Pick<Clock, "nowMs">;

  constructor(
    registry: Pick<SessionRegistry, "get" | "onChange">,
    repoKeys: RepoKeys,
    clock: Pick<Clock, "nowMs">,
  ) {
    this.#registry = registry;
    this.#repoKeys = repoKeys;
    this.#clock = clock;
    registry.onChange((before, now) => this.#note(before, now));
  }

  /** Those on a node whose servers have been starting for longer than `longMs`. */
  stuck(longMs: number, nowMs: number): ReadonlyMap<string, StuckStarts> {
    if (this.#starting.size === 0) return NONE;
    const stuck = new Map<string, { count: number; oldestMs: number; repoKeys: string[] }>();
    for (const [id, sinceMs] of this.#starting) {
      const ageMs = nowMs - sinceMs;
      const session = this.#registry.get(id);
      if (session === null || session.node === null || ageMs < longMs) continue;
      const { purpose } = session.record;
      if (purpose === null) continue;
      const known = stuck.get(session.node) ?? { count: 0, oldestMs: 0, repoKeys: [] };
      known.count += 1;
      known.oldestMs = Math.max(known.oldestMs, ageMs);
      const repo = this.#repoKeys.of(purpose.repo);
      if (!known.repoKeys.includes(repo)) known.repoKeys.push(repo);
      stuck.set(session.node, known);
    }
    return stuck;
  }

  #note(before: ObservedSession | null, now: ObservedSession | null): void {
    const id = (now ?? before)?.record.id;
    if (id === undefined) return;
    const isStarting = now?.state.kind === "starting" && startStepOf(now) === "starting";
    if (!isStarting) this.#starting.delete(id);
    else if (!this.#starting.has(id)) this.#starting.set(id, this.#clock.nowMs());
  }
}
