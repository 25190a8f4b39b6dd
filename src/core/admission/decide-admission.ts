/** Who gets a seat now, and who waits at which place: exact limits, first come first served. */

/** Somebody who wants or has a seat. `repoKey` is the same for every way of naming one repository. */
export interface SeatWish {
  readonly launchId: string;
  readonly repoKey: string;
  readonly sinceMs: number;
}

export interface AdmissionPolicy {
  readonly sessionsMax: number;
  readonly sessionsPerRepoMax: number;
}

export interface AdmissionDecision {
  /** In the order in which they were admitted. */
  readonly admitted: readonly string[];
  /** Launch id → place in the queue, from 1. */
  readonly positions: ReadonlyMap<string, number>;
}

/**
 * Admits waiting wishes, oldest first, while there is a seat for them. A wish whose repository has
 * used its share is passed over and does not hold up the others behind it.
 */
export function decideAdmission(
  taken: readonly SeatWish[],
  waiting: readonly SeatWish[],
  policy: AdmissionPolicy,
): AdmissionDecision {
  const perRepo = new Map<string, number>();
  for (const seat of taken) perRepo.set(seat.repoKey, (perRepo.get(seat.repoKey) ?? 0) + 1);
  let used = taken.length;
  const admitted: string[] = [];
  const positions = new Map<string, number>();
  for (const wish of inOrder(waiting)) {
    const ofRepo = perRepo.get(wish.repoKey) ?? 0;
    if (used < policy.sessionsMax && ofRepo < policy.sessionsPerRepoMax) {
      used += 1;
      perRepo.set(wish.repoKey, ofRepo + 1);
      admitted.push(wish.launchId);
    } else {
      positions.set(wish.launchId, positions.size + 1);
    }
  }
  return { admitted, positions };
}

/**
 * Estimated wait at a place of the queue, from how often seats became free lately; null when
 * nothing was observed yet.
 */
export function estimateWaitMs(position: number, releasesAtMs: readonly number[], nowMs: number) {
  const first = releasesAtMs[0];
  if (first === undefined || releasesAtMs.length < 2) return null;
  const perReleaseMs = Math.max(1, nowMs - first) / releasesAtMs.length;
  return Math.round(position * perReleaseMs);
}

function inOrder(waiting: readonly SeatWish[]): SeatWish[] {
  return [...waiting].sort((a, b) => a.sinceMs - b.sinceMs || (a.launchId < b.launchId ? -1 : 1));
}
