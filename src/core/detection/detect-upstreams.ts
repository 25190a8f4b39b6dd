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
}

/** Hosts that builds go around. */
export type UpstreamMemory = ReadonlyMap<string, Detour>;

interface UpstreamObserved {
  /** Of the last minutes: host → repositories. */
  readonly failuresByHost: Readonly<Record<string, number>>;
  readonly canaries: CanaryFacts;
  /** Hosts that builds go around. */
  readonly fallbacks: ReadonlySet<string>;
}

const NO_DETOURS: UpstreamMemory = new Map();
/** Builds that had begun by then may still fail. */
const SETTLE_MS = 1 * MINUTE_MS;

export function detectUpstreams(
  memory: UpstreamMemory,
  { canaries: { build }, failuresByHost, fallbacks }: UpstreamObserved,
  policy: Pick<Policy, "upstreamReposMin">,
  nowMs: number,
): Detected<UpstreamMemory> {
  const canaryHost = build.reds > 0 ? hostIn(build.lastRed?.because ?? null) : null;
  const next = fallbacks.size === 0 ? NO_DETOURS : follow(memory, failuresByHost, fallbacks, nowMs);
  const hosts = new Map<string, string>();
  // What failed before builds went around the host says nothing about now.
  for (const [host, repos] of Object.entries(failuresByHost))
    if (repos >= policy.upstreamReposMin && repos > (next.get(host)?.repos ?? 0))
      hosts.set(host, `${repos} repositories failed to build lately because of ${host}`);
  if (canaryHost !== null) {
    const others = hosts.get(canaryHost);
    const why = `the build canary failed: ${build.lastRed?.because ?? ""}`;
    hosts.set(canaryHost, others === undefined ? why : `${others}; ${why}`);
  }
  const findings = [...hosts].map(([host, evidence]): Finding => {
    const sinceMs = host === canaryHost ? (build.redSinceMs ?? nowMs) : nowMs;
    const subject = { kind: "host", name: host } as const;
    return { cause: "upstream-unavailable", subject, severity: "act", evidence, sinceMs };
  });
  return { memory: next, findings };
}

function follow(
  memory: UpstreamMemory,
  failuresByHost: Readonly<Record<string, number>>,
  fallbacks: ReadonlySet<string>,
  nowMs: number,
): UpstreamMemory {
  const next = new Map<string, Detour>();
  for (const host of fallbacks) {
    const repos = failuresByHost[host] ?? 0;
    const { repos: before, sinceMs } = memory.get(host) ?? { repos, sinceMs: nowMs };
    const isSettling = nowMs - sinceMs < SETTLE_MS;
    next.set(host, { sinceMs, repos: isSettling ? repos : Math.min(before, repos) });
  }
  return next;
}
