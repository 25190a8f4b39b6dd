/** Every protection that a drill can switch off, to show that the drill bites without it. */
import type { Policy } from "./policy.ts";

interface Protection {
  readonly meaning: string;
  /** The policy without it. */
  readonly off: Partial<Policy>;
}

export const PROTECTIONS = {
  relaunch: {
    meaning: "A start that fails for the platform's reasons is tried again on another machine.",
    off: { launchAttemptsMax: 1, launchHedgeMs: 0 },
  },
  hedge: {
    meaning: "A server that is silent for long gets a rival on another machine.",
    off: { launchHedgeMs: 0 },
  },
  culler: {
    meaning: "Sessions that are idle or too old are ended.",
    off: { cullIntervalMs: Number.POSITIVE_INFINITY },
  },
  "age-limit": {
    meaning: "No session lives longer than the age limit.",
    off: { sessionAgeMs: Number.POSITIVE_INFINITY },
  },
  "watch-repair": {
    meaning: "Hints about sessions that stop coming are noticed, and asked for anew.",
    off: { watchAgeMaxMs: 0 },
  },
  "own-looks": {
    meaning: "A launch looks at the server that it starts, also when no hint comes.",
    off: { launchLookMs: Number.POSITIVE_INFINITY },
  },
  "full-lists": {
    meaning: "All sessions are listed now and then, whatever hints tell.",
    off: { resyncIntervalMs: Number.POSITIVE_INFINITY },
  },
  "verified-deletes": {
    meaning: "A stop is believed only when the session is seen to be gone.",
    off: { deleteVerifyMs: 0 },
  },
  "orphan-audit": {
    meaning: "Sessions that are nobody's are looked for and ended.",
    off: { orphanAfterMs: Number.POSITIVE_INFINITY },
  },
  "loop-leases": {
    meaning: "A loop that makes no progress is restarted.",
    off: { loopLeaseMs: Number.POSITIVE_INFINITY },
  },
  canaries: {
    meaning: "Launches of our own show that launches work.",
    off: { canaryIntervalMs: 0, buildCanaryIntervalMs: 0 },
  },
  "demand-detection": {
    meaning: "Launches asked for are compared with sessions that become ready.",
    off: { demandStallMs: Number.POSITIVE_INFINITY, launchFailuresMin: Number.POSITIVE_INFINITY },
  },
  "slope-detection": {
    meaning: "Leaks are found by what each launch leaves behind.",
    off: { slopeWindowMs: 0 },
  },
  restarts: {
    meaning: "A control plane that is wedged or leaks is restarted.",
    off: { restartIntervalMs: Number.POSITIVE_INFINITY },
  },
  "edge-repair": {
    meaning: "Replicas of the edge are restarted, and added on machines that take sessions.",
    off: {
      edgeRestartIntervalMs: Number.POSITIVE_INFINITY,
      edgeSurgeIntervalMs: Number.POSITIVE_INFINITY,
    },
  },
  evacuation: {
    meaning: "Bindery's own parts leave a machine that was put aside.",
    off: { misplacedAfterMs: Number.POSITIVE_INFINITY },
  },
  "cordon-guard": {
    meaning: "A node is taken out by hand only when something else serves.",
    off: { isCordonGuarded: false },
  },
  "edge-looks": {
    meaning: "A replica of the edge through which nothing answers gets no requests.",
    off: { edgeLookIntervalMs: 0 },
  },
  "quota-repair": {
    meaning: "A quota whose count is wrong is repaired.",
    off: { quotaRepairIntervalMs: Number.POSITIVE_INFINITY },
  },
  "upstream-fallback": {
    meaning: "Builds go around a host that fails.",
    off: { fallbackIntervalMs: Number.POSITIVE_INFINITY },
  },
  "fair-queue": {
    meaning: "Free seats go round between repositories, so that a viral one starves nobody.",
    off: { isQueueFair: false },
  },
  "canary-seats": {
    meaning: "Seats beyond those of people are kept for canaries.",
    off: { canarySeats: 0 },
  },
  "build-watchers": {
    meaning: "Only the first who wait for a build are shown its log live.",
    off: { buildWatchersMax: Number.POSITIVE_INFINITY },
  },
  "build-limits": {
    meaning: "A build that asks for more memory than it may have is ended, and nothing else.",
    off: { buildMemoryBytes: Number.POSITIVE_INFINITY },
  },
  "fair-builds": {
    meaning:
      "Build slots go round between repositories, so that one of many builds starves nobody.",
    off: { isBuildQueueFair: false },
  },
  "blue-green-builds": {
    meaning: "After a change of the builder old environments serve while new ones are made.",
    off: { isStaleServed: false },
  },
  placeholders: {
    meaning:
      "Seats are held for people to come, so that machines are started before seats run out.",
    off: { placeholdersMax: 0, placeholdersMin: 0 },
  },
  prefetch: {
    meaning: "Machines copy the environments of bookings and crowds before anybody starts there.",
    off: { prefetchMax: 0 },
  },
  bookings: {
    meaning: "Seats that were booked are made ready before they are needed.",
    off: { bookingsMax: 0 },
  },
  "scale-down": {
    meaning: "The emptiest machine is drained when the others can hold everybody.",
    off: { scaleDownAfterMs: Number.POSITIVE_INFINITY },
  },
  "node-count-in-capacity": {
    meaning: "Machines that take no new sessions count as no capacity.",
    off: { isBarredNodeCounted: true },
  },
  "node-gate": {
    meaning: "A machine takes sessions only after probes from inside it were good.",
    off: { nodeGateProbes: 0 },
  },
  "node-probes": {
    meaning: "Machines are probed from inside, before they take sessions and ever after.",
    off: { nodeGateProbes: 0, nodeProbeFailuresMax: Number.POSITIVE_INFINITY },
  },
  "node-outcomes": {
    meaning: "A machine on which the sessions of different repositories fail is put aside.",
    off: { nodeOutcomeFailuresMax: Number.POSITIVE_INFINITY },
  },
  "node-reports": {
    meaning:
      "A machine that is silent, or says that its disk or memory is full or its disk read-only, is noticed.",
    off: {
      nodeDiskFullAt: 0,
      nodeDiskFreeMin: 0,
      nodeMemoryFreeMin: 0,
      nodeHeartbeatMaxMs: Number.POSITIVE_INFINITY,
    },
  },
  "node-recycling": {
    meaning: "Lost, spoiled and old machines are replaced.",
    off: { recyclesMax: 0 },
  },
  "release-preflight": {
    meaning: "A release that refers to something missing is refused before anything is touched.",
    off: { releasePreflightMs: 0 },
  },
  "release-gate": {
    meaning: "Launches on staging must reach their sessions before a release goes to production.",
    off: { releaseGateCanaries: 0 },
  },
  "release-bake": {
    meaning: "A release in production is watched, and taken back when a slope speaks against it.",
    off: { releaseBakeMs: 0 },
  },
  "certificate-renewal": {
    meaning: "Certificates are renewed in time.",
    off: { certificateRenewBeforeMs: 0 },
  },
  "member-outcomes": {
    meaning: "A member where launches fail gets none.",
    off: { memberFailureRatioMax: Number.POSITIVE_INFINITY },
  },
  "fail-static": {
    meaning: "When most members look bad at once, the door goes on by the weights it had.",
    off: { memberEjectedShareMax: Number.POSITIVE_INFINITY },
  },
  "leader-failover": {
    meaning: "Another control plane decides when the leader has fallen silent.",
    off: { leaderLeaseMs: Number.POSITIVE_INFINITY },
  },
} as const satisfies Record<string, Protection>;
