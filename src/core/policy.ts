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
  /** False: builds start in the order in which they were asked for. */
  isBuildQueueFair: true,
  /** Who comes later to the same build is told its end, and not each line. */
  buildWatchersMax: 2_000,
  /** So many launches that wait for one build are worth a word to the operator. */
  buildCrowdMin: 50,
  /** A changed builder: the old environment serves while the new one is made. */
  isStaleServed: true,
  /** Builds at the same time that nobody waits for. */
  backgroundBuildsMax: 1,
  backgroundBuildsQueuedMax: 1_000,
  /** Nothing is built or started with less left on the disk. */
  freeDiskMinBytes: 512 * MIB,
  pruneIntervalMs: 5 * MINUTE_MS,

  // Launches.
  /** At least a quarter of an hour more than a build may take, where it waits for one. */
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
  /** One look at a session through the gateway; whoever is silent for longer does not answer. */
  probeTimeoutMs: 10 * SECOND_MS,
  /** Without an answer for this long on its machine, a second server is started elsewhere; 0: never. */
  launchHedgeMs: 0,
  /** Least time between two looks at a server that starts; Infinity: the driver's hints are trusted. */
  launchLookMs: 2 * SECOND_MS,
  /** How long a session may wait for a machine with room for it. */
  placementTimeoutMs: 10 * MINUTE_MS,
  /** How long the copy of an environment to a machine may take. */
  pullTimeoutMs: 2 * MINUTE_MS,
  launchesPerClientMax: 2_500,

  // Sessions.
  sessionsMax: 50,
  sessionsPerRepoMax: 50,
  sessionsPerClientMax: 2_500,
  /** False: first come, first served, whatever the repository. */
  isQueueFair: true,
  /** Beyond the seats that people can have. */
  canarySeats: 0,
  sessionStartTimeoutMs: 60 * SECOND_MS,
  sessionMemoryBytes: 2 * GIB,
  sessionProcessesMax: 512,
  /** In cores. */
  sessionCpus: 2,
  sessionDiskBytes: 10 * GIB,
  sessionLogBytes: 4 * MIB,
  /** How long an ended session's record and log are kept. */
  sessionKeptMs: 10 * MINUTE_MS,
  /** Until then a stop is repeated in silence until the session is seen to be gone; 0: believed at once. */
  deleteVerifyMs: 60 * SECOND_MS,
  /** Age of a session that nobody asked for and nobody used. */
  orphanAfterMs: 10 * MINUTE_MS,
  sessionIdleMs: 10 * MINUTE_MS,
  sessionAgeMs: 6 * HOUR_MS,
  /** How long people stay, as long as little is known of how seats become free; 0: nothing is assumed. */
  sessionStayGuessMs: 0,
  noticeBeforeEndMs: 5 * MINUTE_MS,
  sessionNetwork: "public" as "public" | "none" | "host",

  // The warm pool.
  warmServersMax: 1,
  warmServerAgeMs: 1 * HOUR_MS,
  warmFreeMemoryMinBytes: 1 * GIB,

  // Capacity.
  capacityIntervalMs: 5 * SECOND_MS,
  /** Seats on machines that take no new sessions count as if they could be had. */
  isBarredNodeCounted: false,
  /** How long a machine takes to come, until one was seen to come. */
  nodeBootGuessMs: 4 * MINUTE_MS,
  /** Seats that are held for people to come; 0 switches placeholders off. */
  placeholdersMax: 0,
  placeholdersMin: 0,
  /** What may be less before as many placeholders are taken away. */
  placeholdersKeptMs: 5 * MINUTE_MS,
  /** Environments that machines copy before anybody starts there; 0: none. */
  prefetchMax: 0,
  /** How long the copy of an environment to a machine takes, until some were seen. */
  pullGuessMs: 0,
  /** The cluster's maximum of machines may be raised up to here; 0: never. */
  nodesMaxBudget: 0,
  /** Machines that are never drained for being empty. */
  nodesMin: 1,
  /** Infinity: no machine is ever drained for being empty. */
  scaleDownAfterMs: 10 * MINUTE_MS,
  forecastAheadMs: 30 * MINUTE_MS,

  // Loops.
  resyncIntervalMs: 5 * SECOND_MS,
  cullIntervalMs: 10 * SECOND_MS,
  cullStopsPerSecondMax: 20,
  /** Silence of the driver's hints that is believed; 0: they are never doubted. */
  watchAgeMaxMs: 0,
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
  /** 0: neither a full disk nor a read-only one puts a machine aside. */
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
  /** Machines that are put aside, emptied or replaced by the machine itself in ten minutes, together. */
  disruptionsMax: 6,
  bookingsMax: 100,

  // The watch over Bindery itself.
  opsIntervalMs: 5 * SECOND_MS,
  /** Whoever has not answered by then counts as silent. */
  opsAnswerTimeoutMs: 4 * SECOND_MS,
  /** For a command of an operator or of the machine. */
  opsCommandTimeoutMs: 60 * SECOND_MS,
  /** 0: no canaries. */
  canaryIntervalMs: 0,
  canaryTimeoutMs: 60 * SECOND_MS,
  /** A canary that is told nothing for so long is no good sign, though it has not failed yet. */
  canarySilenceMs: 20 * SECOND_MS,
  /** 0: no canaries that build. */
  buildCanaryIntervalMs: 0,
  buildCanaryTimeoutMs: 15 * MINUTE_MS,
  /** With launches asked for and none that ends; Infinity switches the comparison off. */
  demandStallMs: 60 * SECOND_MS,
  /** Launches in a minute that fail, or that need a second start, before it is found. */
  launchFailuresMin: 3,
  /** 0: leaks are not looked for. */
  slopeWindowMs: 10 * MINUTE_MS,
  leakHandlesPerLaunch: 1,
  leakMemoryPerLaunchBytes: 256 * KIB,
  /** Lost since the process began; then it is ended before it stalls. */
  leakHandlesMax: 2_000,
  leakMemoryMaxBytes: 512 * MIB,
  /** 99th percentile. */
  loopLagMaxMs: 250,
  loopLagForMs: 30 * SECOND_MS,
  /** In five minutes. */
  crashRestartsMax: 3,
  /** Then a process of Bindery's own leaves a machine that was put aside; Infinity: it stays. */
  misplacedAfterMs: 20 * SECOND_MS,
  /** On machines that take sessions; 0: not counted. */
  edgeReplicasMin: 0,
  /** False: a person may take out the last node that takes sessions, or the last replica of the edge. */
  isCordonGuarded: true,
  /** How often a balancer looks through each replica, and how long it waits; 0: it does not look. */
  edgeLookIntervalMs: 0.5 * SECOND_MS,
  /** Of the quota, between what it says and what is listed. */
  quotaDriftMax: 0.1,
  /** In a minute. */
  quotaRefusalsMin: 3,
  /** That fail for reasons of one host. */
  upstreamReposMin: 3,
  buildsIdleMs: 60 * SECOND_MS,

  // Incidents.
  incidentGreenCanaries: 5,
  incidentGoodMs: 10 * MINUTE_MS,
  incidentFirstTryMin: 0.99,
  incidentReopenMs: 1 * HOUR_MS,
  /** An incident for the machine that stands for longer wakes somebody. */
  incidentEscalateMs: 10 * MINUTE_MS,
  /** Least time between two pages for one incident. */
  incidentPageIntervalMs: 1 * HOUR_MS,
  /** An incident about a machine that is put aside is over when all went well without it for so long. */
  incidentQuarantineMs: 30 * MINUTE_MS,
  incidentsKeptMax: 500,
  incidentTimelineMax: 50,

  // What is done about incidents; Infinity for an interval switches the remedy off.
  /** Time for a remedy to show before the next one is tried. */
  remedyWaitMs: 60 * SECOND_MS,
  restartIntervalMs: 5 * MINUTE_MS,
  edgeRestartIntervalMs: 15 * SECOND_MS,
  edgeSurgeIntervalMs: 15 * SECOND_MS,
  surgeIntervalMs: 2 * MINUTE_MS,
  rollbackIntervalMs: 10 * MINUTE_MS,
  /** A fault that began this soon after a release is rather the release's. */
  releaseYoungMs: 2 * HOUR_MS,
  quotaRepairIntervalMs: 24 * HOUR_MS,
  fallbackIntervalMs: 10 * MINUTE_MS,
  loopRestartIntervalMs: 1 * MINUTE_MS,
  auditKeptMax: 1_000,

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
