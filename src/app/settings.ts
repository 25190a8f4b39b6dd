/** Every setting by name, with its meaning: flags, variables and the configuration file share them. */
import type { LogLevel } from "#drivers/system/log.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly isolation: "bubblewrap" | "none";
  readonly sandboxUid: number;
  readonly publicUrl: string;
  readonly allowedHosts: string;
  readonly trustedProxies: string;
  readonly corsAllowOrigin: string;
  readonly rateLimitPerHour: number;
  readonly logLevel: LogLevel;
  readonly pagerUrl: string;
}

export const DEFAULT_SERVER_SETTINGS: ServerSettings = {
  host: "127.0.0.1",
  port: 8585,
  dataDir: "",
  isolation: "bubblewrap",
  sandboxUid: 61_000,
  publicUrl: "",
  allowedHosts: "",
  trustedProxies: "",
  corsAllowOrigin: "",
  rateLimitPerHour: 0,
  logLevel: "warn",
  pagerUrl: "",
};

export const SERVER_SETTING_MEANINGS: Readonly<Record<keyof ServerSettings, string>> = {
  host: "Address on which the gateway listens.",
  port: "Port on which the gateway listens; 0 takes a free one.",
  dataDir:
    "The one directory that holds all state. Empty: `$XDG_DATA_HOME/bindery`, and for root without that variable `/var/lib/bindery`, because sandboxes run as another user who could not reach into root's home.",
  isolation:
    "`bubblewrap` runs repository code in a sandbox and refuses to run any without one; `none` runs it unprotected, as the user who runs Bindery.",
  sandboxUid:
    "When Bindery runs as root: the user and group id under which repository code runs outside its namespace.",
  publicUrl: "Where people find this Bindery, when that is not the address it listens on.",
  allowedHosts:
    "Further host names, separated by commas, under which requests are answered; all others are refused (DNS rebinding).",
  trustedProxies:
    "Addresses or networks, separated by commas, of reverse proxies in front, whose `X-Forwarded-*` headers are believed.",
  corsAllowOrigin: "Origin of other sites' pages that may launch here; `*` for all. Empty: none.",
  rateLimitPerHour: "Launches per hour and address without a build token; 0 for no limit.",
  logLevel: "`debug`, `info`, `warn`, `error` or `silent`.",
  pagerUrl:
    "Address to which a page is posted as JSON (`incident`, `text`), to wake somebody. Empty: pages are only lines of the log.",
};

export const POLICY_MEANINGS: Readonly<Record<keyof Policy, string>> = {
  allowPrivateHosts: "Repositories on loopback, private and link-local addresses.",
  allowLocalRepos: "Local folders and `file://` addresses as repositories.",
  maxRepoBytes: "Largest repository: objects of one commit, and its content.",
  maxRepoFiles: "Most files in a repository.",
  maxConfigFileBytes: "Largest configuration file that is read.",
  mirrorsMaxBytes: "Size at which the least recently used mirrors of repositories are pruned.",
  resolveTimeoutMs: "Time to find the commit of a ref.",
  fetchTimeoutMs: "Time to fetch one commit.",
  buildsMax: "Builds at the same time.",
  buildTimeoutMs: "Time for one build.",
  buildMemoryBytes: "Memory for one build.",
  buildDiskBytes: "Disk for one environment.",
  buildLogBytes: "Kept end of a build's log.",
  buildLogLinesMax: "Lines of a build's log that are shown live.",
  buildLogLineMax: "Longest line of a build's log, in characters.",
  buildGraceMs: "How long a build goes on after the last person who wanted it has gone.",
  isBuildQueueFair: "Build slots go round between repositories instead of by age alone.",
  buildWatchersMax: "Watchers of one build who see its log live; later ones are told its end.",
  buildCrowdMin: "Launches that wait for one build from which on the operator is told.",
  isStaleServed:
    "An environment of an earlier builder serves while the same is built anew in the background.",
  backgroundBuildsMax: "Builds at the same time that nobody waits for.",
  backgroundBuildsQueuedMax: "Builds that nobody waits for and that have not begun.",
  environmentsMaxBytes: "Size at which the least recently used environments are pruned.",
  freeDiskMinBytes: "Free disk under which nothing is built.",
  pruneIntervalMs: "Time between two looks at the size of the environments.",
  launchTimeoutMs:
    "Time for a launch, its build and queue included; where it waits for a build at least a quarter of an hour more than that may take.",
  launchAttemptsMax: "Starts of a session's server when the platform fails, the first included.",
  queueMax: "Launches under way at the same time, those that wait included.",
  queueTimeoutMs: "Longest wait for a seat.",
  launchEventsMax: "Events kept of one launch, besides the lines of its build.",
  launchesKeptMax: "Launches kept in memory, ended ones included.",
  launchKeptMs: "How long an ended launch can still be looked at.",
  launchGraceMs: "How long a launch goes on without anybody who watches it.",
  probeIntervalMs: "Time between two looks at a session that starts.",
  probeTimeoutMs: "Time for one look at a session that starts.",
  launchHedgeMs:
    "Time without an answer after which a second server is started on another machine; 0 for never.",
  launchLookMs: "Least time between two looks at a server that starts, in case a hint is lost.",
  placementTimeoutMs: "Longest wait of a session for a machine that has room for it.",
  pullTimeoutMs: "Time to copy an environment to a machine.",
  launchesPerClientMax: "Launches under way from one address.",
  sessionsMax: "Sessions at the same time.",
  sessionsPerRepoMax: "Sessions of one repository at the same time.",
  sessionsPerClientMax: "Sessions of one address at the same time.",
  isQueueFair: "Free seats go round between repositories instead of by age alone.",
  canarySeats: "Seats kept for our own trial launches, beyond those that people can have.",
  sessionStartTimeoutMs: "Time for a session's server to answer.",
  sessionMemoryBytes: "Memory of one session.",
  sessionProcessesMax: "Processes and threads of one session.",
  sessionCpus: "Processor cores of one session.",
  sessionDiskBytes: "Disk of one session's home.",
  sessionLogBytes: "Kept end of a session's log.",
  sessionKeptMs: "How long an ended session's record and log are kept.",
  deleteVerifyMs:
    "Time after which a session that was stopped and does not go is reported; 0 believes every stop.",
  orphanAfterMs: "Age at which a session ends that nobody asked for and nobody used.",
  sessionIdleMs: "Time without activity after which a session ends.",
  sessionAgeMs: "Age at which a session ends.",
  sessionStayGuessMs:
    "Assumed time for which people stay, as long as little is known of how seats become free; 0: nothing is assumed.",
  noticeBeforeEndMs: "How long before a session's end its person is told.",
  sessionNetwork:
    "What sessions reach: `public` (HTTP and HTTPS to public addresses), `none`, or `host` (all that this machine reaches, its own services included).",
  warmServersMax: "Servers that are started before anybody asks.",
  warmServerAgeMs: "Age at which a warm server is replaced.",
  warmFreeMemoryMinBytes: "Free memory under which no warm server is started.",
  capacityIntervalMs: "Time between two looks at seats and machines.",
  isBarredNodeCounted: "Seats on machines that take no new sessions count as free.",
  prefetchMax:
    "Environments of bookings and crowds that machines copy before anybody starts there; 0: none.",
  pullGuessMs: "Assumed time for the copy of an environment to a machine, until some were seen.",
  nodeBootGuessMs: "Assumed time for a machine to come, until one was seen to come.",
  placeholdersMax: "Most placeholders: pods that hold seats for people to come. 0: none.",
  placeholdersMin: "Fewest placeholders while the cluster can grow.",
  placeholdersKeptMs: "How long fewer must be needed before placeholders are taken away.",
  nodesMaxBudget: "Up to how many machines the cluster's maximum may be raised. 0: never raised.",
  nodesMin: "Machines that are never drained for being empty.",
  scaleDownAfterMs: "How long a machine must be unneeded before it is drained.",
  forecastAheadMs: "How far ahead a limit that will be hit is foretold.",
  resyncIntervalMs: "Time between two full looks at what exists.",
  cullIntervalMs: "Time between two looks for idle and old sessions.",
  cullStopsPerSecondMax:
    "Idle, old and ended sessions that are stopped or cleared away in a second.",
  watchAgeMaxMs:
    "Silence of what tells of changes to sessions after which it is doubted; 0 for never.",
  loopLeaseMs: "Time without progress after which a loop is restarted.",
  nodeProbeIntervalMs: "Time between two looks at the machines.",
  nodeGateProbes: "Good probes in a row before a new machine takes sessions; 0 for none.",
  nodeProbeFailuresMax: "Bad probes in a row before a machine is put aside.",
  nodeProbeSilenceMs: "Silence of a machine's probe that counts as a failure.",
  nodeHeartbeatMaxMs: "Time without a sign of life after which a machine is lost.",
  nodeDiskFreeMin: "Share of a machine's disk under which it is noted as nearly full.",
  nodeDiskFullAt:
    "Share of a machine's disk under which it is put aside as full; 0 lets machines with full and read-only disks be.",
  nodeMemoryFreeMin: "Share of a machine's memory under which it is reported.",
  nodeOutcomeWindowMs: "How long the outcome of a launch counts for or against its machine.",
  nodeOutcomeFailuresMax:
    "Different repositories that fail on a machine in a row before it is put aside.",
  nodeStuckMs: "Time to start after which a server counts as failed, for the machine's health.",
  quarantineIntervalMs: "Time between two machines that are put aside.",
  quarantineShareMax: "Largest share of the machines that is put aside at the same time.",
  nodesHealthyMin: "Machines that must go on taking sessions when another is put aside.",
  nodeReleaseProbes: "Good probes in a row before a machine that was put aside is used again.",
  nodeReleasesMax: "Times that a machine is used again before it is replaced instead.",
  nodeQuarantineMaxMs: "Time put aside after which a machine is replaced, once it is empty.",
  nodeAgeMaxMs: "Age at which a machine is emptied and replaced.",
  recyclesMax: "Machines that are replaced in one hour.",
  disruptionsMax:
    "Machines that are put aside, emptied or replaced without a person's command in ten minutes.",
  bookingsMax: "Bookings of seats for a known time.",
  opsIntervalMs: "Time between two looks at Bindery as a whole.",
  opsAnswerTimeoutMs: "Time for a part of Bindery to answer such a look.",
  opsCommandTimeoutMs: "Time for an operator's command.",
  canaryIntervalMs: "Time between two launches of our own; 0 for none.",
  canaryTimeoutMs: "Time for such a launch.",
  canarySilenceMs: "Silence after which such a launch is no good sign any more.",
  buildCanaryIntervalMs: "Time between two builds of our own; 0 for none.",
  buildCanaryTimeoutMs: "Time for such a build.",
  demandStallMs:
    "Time with launches asked for and none that ends before that is found to be wrong.",
  launchFailuresMin:
    "Launches in a minute that fail by the platform's fault, or need a second start, before that is found.",
  slopeWindowMs: "How far back growth is measured to find leaks; 0 for not.",
  leakHandlesPerLaunch: "Handles that a launch may leave behind.",
  leakMemoryPerLaunchBytes: "Memory that a launch may leave behind.",
  leakHandlesMax: "Leaked handles at which a process is started again.",
  leakMemoryMaxBytes: "Leaked memory at which a process is started again.",
  loopLagMaxMs: "Lag of an event loop that is still tolerated.",
  loopLagForMs: "How long that lag must last before it is found.",
  crashRestartsMax: "Restarts of a part in five minutes that count as a loop of crashes.",
  misplacedAfterMs:
    "Time after which a part of Bindery leaves a machine that was put aside; unlimited to let it stay.",
  edgeReplicasMin:
    "Replicas of the edge that must be on machines that take sessions; 0 for no rule.",
  isCordonGuarded:
    "Whether a node is taken out by hand only when other nodes, and other replicas of the edge, serve.",
  edgeLookIntervalMs:
    "How often a balancer before the replicas of the edge looks through each of them, and how long it waits; 0 for no looks.",
  quotaDriftMax: "Share of a quota by which its count may differ from what exists.",
  quotaRefusalsMin: "Refusals in a minute by such a quota before it is repaired.",
  upstreamReposMin: "Repositories that fail for reasons of one host before the host is to blame.",
  buildsIdleMs: "How long builds may wait although slots are free.",
  incidentGreenCanaries: "Good launches of our own in a row before an incident is over.",
  incidentGoodMs: "How long launches must have gone well before an incident is over.",
  incidentFirstTryMin: "Share of launches that must be ready at the first try for that.",
  incidentReopenMs: "How long an incident that is over is opened again when its fault returns.",
  incidentEscalateMs: "Age at which an incident that the machine did not end wakes somebody.",
  incidentPageIntervalMs: "Least time between two calls for one incident.",
  incidentQuarantineMs:
    "Time without a machine that was put aside after which its incident is over.",
  incidentsKeptMax: "Incidents kept in memory.",
  incidentTimelineMax: "Entries kept of one incident.",
  remedyWaitMs: "Time for a remedy to show before the next one is tried.",
  restartIntervalMs: "Least time between two automatic restarts of the control plane.",
  edgeRestartIntervalMs: "Least time between two automatic restarts of replicas of the edge.",
  edgeSurgeIntervalMs: "Least time between two automatic further replicas of the edge.",
  surgeIntervalMs: "Least time between two automatic further replicas of another part.",
  rollbackIntervalMs: "Least time between two automatic returns to the release before.",
  releaseYoungMs: "Age up to which a release is suspected first.",
  quotaRepairIntervalMs: "Least time between two automatic repairs of one quota.",
  fallbackIntervalMs: "Least time between two automatic changes to the fallback of one host.",
  loopRestartIntervalMs: "Least time between two automatic restarts of one loop from outside.",
  auditKeptMax: "Records of commands kept in memory.",
  requestBodyMaxBytes: "Largest request body to a session.",
  apiBodyMaxBytes: "Largest request body to Bindery itself.",
  watchersMax: "Open event streams.",
  watchersPerClientMax: "Open event streams from one address.",
  keepAliveIntervalMs: "Time between two keep-alive comments on an event stream.",
  releasePreflightMs:
    "Time to find everything that a release of Bindery refers to; 0 skips the look.",
  releaseStepTimeoutMs: "Time to put a release to work on one stage.",
  releaseRetriesMax: "Repetitions of a step of a release after faults of the moment.",
  releaseGateCanaries: "Launches on staging that a release must pass; 0 for none.",
  releaseGateParallel: "Launches of that gate at the same time.",
  releaseGateCanaryTimeoutMs: "Time for one launch of that gate.",
  releaseBakeMs: "How long a release in production is watched and taken back by itself; 0 for not.",
  releaseLeakBytesMax: "Memory that a launch may leave behind in a new release.",
  releaseLeakHandlesMax: "Handles that a launch may leave behind in a new release.",
  releaseCullerErrorsMax: "Share of a new release's stops of sessions that may be refused.",
  releaseLoopLagMaxMs: "Lag of a new release's event loop that is still tolerated.",
  releaseFirstTryMin: "Share of launches that must be ready at the first try under a new release.",
  certificateRenewBeforeMs: "How long before its end a served certificate is renewed; 0 for never.",
  certificateWarnBeforeMs: "How long before a served certificate's end an incident is opened.",
  certificatePageBeforeMs: "How long before a served certificate's end somebody is woken.",
  certificateRenewIntervalMs: "Least time between two renewals for one host.",
  memberFailuresMax: "Failures in a row after which a member gets no launches.",
  memberFailureRatioMax: "Share of failures at which a member gets no launches.",
  memberOutcomeWindowMs: "How long the outcome of a launch counts for its member's health.",
  memberEjectedShareMax:
    "Share of the members that may be without launches for their failures; with more, the last weights are kept.",
  memberSkewFactor: "Factor of the weight of a member that does not run the declared release.",
  memberStaleMs: "How long a member may run another release than the declared one unnoticed.",
  memberCanaryIntervalMs: "Time between two canaries at one member.",
  memberGreensToReturn: "Green canaries in a row after which a member gets launches again.",
  memberRampMs: "Time until a member that returns has its whole weight again.",
  memberAttemptsMax: "Members that one launch is tried at.",
  memberLaunchTimeoutMs: "Time for one launch at one member.",
  memberShareOffMax:
    "Difference between a member's share of launches and of weight that is noticed.",
  leaderLeaseMs: "How long a leader that fell silent is waited for.",
};

export const DEFAULTS = { ...DEFAULT_SERVER_SETTINGS, ...DEFAULT_POLICY };
export type SettingName = keyof typeof DEFAULTS;
export type SettingValue = string | number | boolean;
