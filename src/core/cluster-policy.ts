/** What a cluster needs otherwise than one machine. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Policy } from "./policy.ts";

export const CLUSTER_POLICY: Partial<Policy> = {
  // Launches and sessions.
  launchAttemptsMax: 3,
  launchHedgeMs: 15 * SECOND_MS,
  launchGraceMs: 60 * SECOND_MS,
  /** Large images take minutes; a machine that cannot pull at all is found by its probes. */
  pullTimeoutMs: 15 * MINUTE_MS,
  probeIntervalMs: 1 * SECOND_MS,
  probeTimeoutMs: 3 * SECOND_MS,
  warmServersMax: 0,
  resyncIntervalMs: 15 * SECOND_MS,
  cullIntervalMs: 60 * SECOND_MS,
  watchAgeMaxMs: 30 * SECOND_MS,
  orphanAfterMs: 90 * SECOND_MS,
  /** What has ended still counts in lists and quotas. */
  sessionKeptMs: 2 * MINUTE_MS,

  // The watch over Bindery itself.
  canaryIntervalMs: 30 * SECOND_MS,
  buildCanaryIntervalMs: 1 * HOUR_MS,
  /** A canary runs as soon as demand seems to stall, so that this can be shorter. */
  demandStallMs: 30 * SECOND_MS,
  edgeReplicasMin: 2,

  // Seats, builds and capacity.
  canarySeats: 2,
  sessionsPerClientMax: 250,
  sessionStayGuessMs: 1 * HOUR_MS,
  buildsMax: 10,
  buildWatchersMax: 100,
  backgroundBuildsMax: 10,
  backgroundBuildsQueuedMax: 10_000,
  placeholdersMax: 75,
  placeholdersMin: 4,
  prefetchMax: 5,
  pullGuessMs: 1 * MINUTE_MS,
  nodesMin: 2,
  sessionsMax: 10_000,
  sessionsPerRepoMax: 10_000,
};
