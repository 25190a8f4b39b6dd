/** Hosts that builds download from and that fail several repositories, or our own build. */
import { MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import { type CanaryFacts, hostIn } from "./canaries.ts";
import type { Detected } from "./observed.ts";

interface Detour {
  readonly sinceMs: number;
  /** Repositories that had failed by then, as far as they still count. */
  readonly repos: number;
  /** Canaries that had failed in a row by then. */
  readonly reds: number;
}

export interface UpstreamMemory {
  /** Hosts that builds go around. */
  readonly detours: ReadonlyMap<string, Detour>;
  /** Host → failed repositories at the last look. */
  readonly failing: Readonly<Record<string, number>>;
}

export const NO_UPSTREAMS: UpstreamMemory = { detours: new Map(), failing: {} };

export interface UpstreamDetection extends Detected<UpstreamMemory> {
  /** A build of our own would tell whether it is the host or the repository. */
  readonly isSuspicious: boolean;
}

interface UpstreamObserved {
  /** Of the last minutes: host → repositories. */
  readonly failuresByHost: Readonly<Record<string, number>>;
  readonly canaries: CanaryFacts;
  /** Hosts that builds go around. */
  readonly fallbacks: ReadonlySet<string>;
}

const NO_DETOURS: UpstreamMemory["detours"] = new Map();
/** Builds that had begun by then may still fail. */
const SETTLE_MS = 1 * MINUTE_MS;

export function detectUpstreams(
  memory: UpstreamMemory,
  { canaries: { build }, failuresByHost, fallbacks }: UpstreamObserved,
  policy: Pick<Policy, "upstreamReposMin">,
  nowMs: number,
): UpstreamDetection {
  const canaryHost = build.reds > 0 ? hostIn(build.lastRed?.because ?? null) : null;
  const next =
    fallbacks.size === 0
      ? NO_DETOURS
      : follow(memory.detours, { build, failuresByHost, fallbacks }, nowMs);
  const hosts = new Map<string, string>();
  // What failed before builds went around the host says nothing about now.
  for (const [host, repos] of Object.entries(failuresByHost))
    if (repos >= policy.upstreamReposMin && repos > (next.get(host)?.repos ?? 0))
      hosts.set(host, `${repos} repositories failed to build lately because of ${host}`);
  if (canaryHost !== null && build.reds > (next.get(canaryHost)?.reds ?? 0)) {
    const others = hosts.get(canaryHost);
    const why = `the build canary failed: ${build.lastRed?.because ?? ""}`;
    hosts.set(canaryHost, others === undefined ? why : `${others}; ${why}`);
  }
  const findings = [...hosts].map(([host, evidence]): Finding => {
    const sinceMs = host === canaryHost ? (build.redSinceMs ?? nowMs) : nowMs;
    const subject = { kind: "host", name: host } as const;
    return { cause: "upstream-unavailable", subject, severity: "act", evidence, sinceMs };
  });
  // One that is under way will tell.
  const isFailingAnew =
    build.heardAtMs === null &&
    Object.entries(failuresByHost).some(
      ([host, repos]) =>
        repos > (memory.failing[host] ?? 0) && !hosts.has(host) && !fallbacks.has(host),
    );
  const isSuspicious = isFailingAnew || isCanaryOutdated(canaryHost, memory.detours, next);
  return { memory: { detours: next, failing: failuresByHost }, findings, isSuspicious };
}

/** It failed because of a host that builds go around from now on. */
function isCanaryOutdated(
  host: string | null,
  before: UpstreamMemory["detours"],
  now: UpstreamMemory["detours"],
): boolean {
  return host !== null && now.has(host) && !before.has(host);
}

function follow(
  memory: UpstreamMemory["detours"],
  {
    build: { reds },
    failuresByHost,
    fallbacks,
  }: Omit<UpstreamObserved, "canaries"> & { readonly build: CanaryFacts["build"] },
  nowMs: number,
): UpstreamMemory["detours"] {
  const next = new Map<string, Detour>();
  for (const host of fallbacks) {
    const repos = failuresByHost[host] ?? 0;
    const before = memory.get(host) ?? { repos, reds, sinceMs: nowMs };
    const { sinceMs } = before;
    const isSettling = nowMs - sinceMs < SETTLE_MS;
    next.set(host, {
      sinceMs,
      repos: isSettling ? repos : Math.min(before.repos, repos),
      reds: isSettling ? reds : Math.min(before.reds, reds),
    });
  }
  return next;
}
