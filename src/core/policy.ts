/** Every limit that Bindery knows, by name, with its default for one machine. */
import { GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";

export const DEFAULT_POLICY = {
  // Who may be launched from where.
  /** Repositories on loopback, private and link-local addresses; on for one machine's own user. */
  allowPrivateHosts: true,
  /** Local folders and file:// as repositories; on for one machine's own user. */
  allowLocalRepos: true,
  maxRepoBytes: 2 * GIB,
  maxRepoFiles: 200_000,
  maxConfigFileBytes: 1 * MIB,
  mirrorsMaxBytes: 20 * GIB,
  resolveTimeoutMs: 30 * SECOND_MS,
  fetchTimeoutMs: 10 * MINUTE_MS,

  // Builds.
  buildsMax: 2,
  buildTimeoutMs: 30 * MINUTE_MS,
  buildMemoryBytes: 4 * GIB,
  buildDiskBytes: 10 * GIB,
  buildLogBytes: 4 * MIB,
  buildLogLinesMax: 5_000,
  buildLogLineMax: 2_000,
  /** How long a build goes on after the last person who wanted it has gone. */
  buildGraceMs: 30 * SECOND_MS,
  environmentsMaxBytes: 50 * GIB,
  /** Nothing is built or started with less left on the disk. */
  freeDiskMinBytes: 512 * MIB,
  pruneIntervalMs: 5 * MINUTE_MS,

  // Launches.
  launchTimeoutMs: 45 * MINUTE_MS,
  /** Starts of a session's server that failed for the platform's reasons, the first included. */
  launchAttemptsMax: 2,
  queueMax: 5_000,
  queueTimeoutMs: 30 * MINUTE_MS,
  launchEventsMax: 2_000,
  launchesKeptMax: 10_000,
  launchKeptMs: 10 * MINUTE_MS,
  /** How long a launch goes on without anybody who watches it. */
  launchGraceMs: 30 * SECOND_MS,
  probeIntervalMs: 50,
  launchesPerClientMax: 2_500,

  // Sessions.
  sessionsMax: 50,
  sessionsPerRepoMax: 50,
  sessionStartTimeoutMs: 60 * SECOND_MS,
  sessionMemoryBytes: 2 * GIB,
  sessionProcessesMax: 512,
  /** In cores. */
  sessionCpus: 2,
  sessionDiskBytes: 10 * GIB,
  sessionLogBytes: 4 * MIB,
  /** How long an ended session's record and log are kept. */
  sessionKeptMs: 10 * MINUTE_MS,
  sessionIdleMs: 10 * MINUTE_MS,
  sessionAgeMs: 6 * HOUR_MS,
  noticeBeforeEndMs: 5 * MINUTE_MS,
  sessionNetwork: "public" as "public" | "none" | "host",

  // The warm pool.
  warmServersMax: 1,
  warmServerAgeMs: 1 * HOUR_MS,
  warmFreeMemoryMinBytes: 1 * GIB,

  // Loops.
  resyncIntervalMs: 5 * SECOND_MS,
  cullIntervalMs: 10 * SECOND_MS,
  loopLeaseMs: 30 * SECOND_MS,

  // The edge.
  requestBodyMaxBytes: 1 * GIB,
  apiBodyMaxBytes: 64 * KIB,
  watchersMax: 10_000,
  watchersPerClientMax: 2_500,
  keepAliveIntervalMs: 25 * SECOND_MS,
};

export type Policy = Readonly<typeof DEFAULT_POLICY>;
