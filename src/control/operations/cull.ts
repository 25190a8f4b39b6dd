/** Ends sessions that nobody used for a given time; one that is at work is left alone. */
import type { SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionRegistry } from "../session-registry.ts";

export interface CullDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CullCounts {
  /** Idle for so long. */
  readonly asked: number;
  readonly ended: number;
  readonly working: number;
}

/** Sessions that are ended at the same time. */
const AT_ONCE = 10;

export async function cull(idleMs: number, deps: CullDeps): Promise<CullCounts> {
  const { clock, registry } = deps;
  const nowMs = clock.nowMs();
  const idle: SessionId[] = [];
  for (const { lastActivityAtMs, record, state } of registry.list()) {
    if (state.kind === "ended" || record.claimedAtMs === null) continue;
    if (nowMs - Math.max(lastActivityAtMs, record.claimedAtMs) >= idleMs) idle.push(record.id);
  }
  const counts = { asked: idle.length, ended: 0, working: 0 };
  const work = async () => {
    for (let id = idle.pop(); id !== undefined; id = idle.pop()) {
      const came = await endIdle(id, deps);
      if (came !== "failed") counts[came] += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, idle.length) }, work));
  return counts;
}

async function endIdle(
  id: SessionId,
  { driver, log, registry }: CullDeps,
): Promise<"ended" | "working" | "failed"> {
  try {
    if (await driver.isBusy(id)) return "working";
    await driver.stop(id, "idle");
    await registry.refresh(id);
    return "ended";
  } catch (error) {
    log.warn("an idle session could not be ended", { id, error });
    return "failed";
  }
}
