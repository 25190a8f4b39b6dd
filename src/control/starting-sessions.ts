/** The sessions that start, by node: kept up to date so that few are looked at, however many there are. */
import type { StuckStarts } from "#core/nodes/node-health.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { SessionRegistry } from "./session-registry.ts";

const NONE: ReadonlyMap<string, StuckStarts> = new Map();

export class StartingSessions {
  readonly #registry: Pick<SessionRegistry, "get" | "onChange">;
  readonly #starting = new Set<SessionId>();

  readonly #repoKeys: RepoKeys;

  constructor(registry: Pick<SessionRegistry, "get" | "onChange">, repoKeys: RepoKeys) {
    this.#registry = registry;
    this.#repoKeys = repoKeys;
    registry.onChange((before, now) => this.#note(before, now));
  }

  /** Those on a node that have been starting for longer than `longMs`. */
  stuck(longMs: number, nowMs: number): ReadonlyMap<string, StuckStarts> {
    if (this.#starting.size === 0) return NONE;
    const stuck = new Map<string, { count: number; oldestMs: number; repoKeys: string[] }>();
    for (const id of this.#starting) {
      const session = this.#registry.get(id);
      if (session === null || session.node === null) continue;
      const { claimedAtMs, createdAtMs, purpose } = session.record;
      const ageMs = nowMs - (claimedAtMs ?? createdAtMs);
      if (purpose === null || ageMs < longMs) continue;
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
    if (now?.state.kind === "starting") this.#starting.add(id);
    else this.#starting.delete(id);
  }
}
