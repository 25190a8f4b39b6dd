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

  // The health of machines.
  nodeProbeIntervalMs: 5 * SECOND_MS,
  /** Good probes in a row before a new machine takes sessions; 0 switches the gate off. */
  nodeGateProbes: 3,
  /** Bad probes in a row before a machine is put aside; Infinity switches the probes off. */
  nodeProbeFailuresMax: 2,
  /** A probe that says nothing for this long counts as one that failed. */
  nodeProbeSilenceMs: 20 * SECOND_MS,
  nodeHeartbeatMaxMs: 40 * SECOND_MS,
  /** Shares of the whole. */
  nodeDiskFreeMin: 0.1,
  nodeDiskFullAt: 0.02,
  nodeMemoryFreeMin: 0.05,
  nodeOutcomeWindowMs: 10 * MINUTE_MS,
  /** Repositories that failed on one machine; Infinity switches off what launches tell of machines. */
  nodeOutcomeFailuresMax: 3,
  /** A server that starts for longer than this counts as a failure of its machine. */
  nodeStuckMs: 60 * SECOND_MS,
  quarantineIntervalMs: 10 * MINUTE_MS,
  quarantineShareMax: 0.2,
  nodesHealthyMin: 1,
  nodeReleaseProbes: 12,
  nodeReleasesMax: 2,
  nodeQuarantineMaxMs: 30 * MINUTE_MS,
  nodeAgeMaxMs: 96 * HOUR_MS,
  /** In an hour; 0 switches recycling off. */
  recyclesMax: 5,

  // The edge.
  requestBodyMaxBytes: 1 * GIB,
  apiBodyMaxBytes: 64 * KIB,
  watchersMax: 10_000,
  watchersPerClientMax: 2_500,
  keepAliveIntervalMs: 25 * SECOND_MS,

  // Releases of Bindery itself.
  /** 0: nothing is looked up. */
  releasePreflightMs: 10 * SECOND_MS,
  releaseStepTimeoutMs: 2 * MINUTE_MS,
  releaseRetriesMax: 5,
  /** Half of an image that nodes have, half of one that none has; 0: no gate. */
  releaseGateCanaries: 20,
  releaseGateParallel: 5,
  releaseGateCanaryTimeoutMs: 2 * MINUTE_MS,
  /** 0: what was put to work is not watched. */
  releaseBakeMs: 20 * MINUTE_MS,
  /** Per launch. */
  releaseLeakBytesMax: 256 * KIB,
  /** Per launch. */
  releaseLeakHandlesMax: 0.5,
  releaseCullerErrorsMax: 0.1,
  releaseLoopLagMaxMs: 200,
  releaseFirstTryMin: 0.97,

  // Certificates.
  /** 0: never. */
  certificateRenewBeforeMs: 30 * 24 * HOUR_MS,
  certificateWarnBeforeMs: 21 * 24 * HOUR_MS,
  certificatePageBeforeMs: 7 * 24 * HOUR_MS,
  certificateRenewIntervalMs: 12 * HOUR_MS,

  // Fellow members behind one door.
  /** Failures in a row, of more than one repository, that take a member out. */
  memberFailuresMax: 3,
  memberFailureRatioMax: 0.5,
  memberOutcomeWindowMs: 5 * MINUTE_MS,
  /** More than this share out at once is rather an error of the door. */
  memberEjectedShareMax: 0.5,
  memberSkewFactor: 0.5,
  memberStaleMs: 30 * SECOND_MS,
  memberCanaryIntervalMs: 15 * SECOND_MS,
  memberGreensToReturn: 3,
  memberRampMs: 2 * MINUTE_MS,
  memberAttemptsMax: 3,
  memberLaunchTimeoutMs: 5 * MINUTE_MS,
  memberShareOffMax: 0.2,

  // Leadership.
  leaderLeaseMs: 15 * SECOND_MS,
};

export type Policy = Readonly<typeof DEFAULT_POLICY>;
