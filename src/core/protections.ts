/** Every protection that a drill can switch off, to show that the drill bites without it. */
import type { Policy } from "./policy.ts";

interface Protection {
  readonly meaning: string;
  /** The policy without it. */
  readonly off: Partial<Policy>;
}

export const PROTECTIONS = {
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
  "quota-repair": {
    meaning: "A quota whose count is wrong is repaired.",
    off: { quotaRepairIntervalMs: Number.POSITIVE_INFINITY },
  },
  "upstream-fallback": {
    meaning: "Builds go around a host that fails.",
    off: { fallbackIntervalMs: Number.POSITIVE_INFINITY },
  },
} as const satisfies Record<string, Protection>;
