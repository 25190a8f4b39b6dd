/** Hosts that builds download from and that fail several repositories, or our own build. */
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import { type CanaryFacts, hostIn } from "./canaries.ts";

export function detectUpstreams(
  failuresByHost: Readonly<Record<string, number>>,
  { build }: CanaryFacts,
  policy: Pick<Policy, "upstreamReposMin">,
  nowMs: number,
): readonly Finding[] {
  const canaryHost = build.reds > 0 ? hostIn(build.lastRed?.because ?? null) : null;
  const hosts = new Map<string, string>();
  for (const [host, repos] of Object.entries(failuresByHost))
    if (repos >= policy.upstreamReposMin)
      hosts.set(host, `${repos} repositories failed to build lately because of ${host}`);
  if (canaryHost !== null) {
    const others = hosts.get(canaryHost);
    const why = `the build canary failed: ${build.lastRed?.because ?? ""}`;
    hosts.set(canaryHost, others === undefined ? why : `${others}; ${why}`);
  }
  return [...hosts].map(([host, evidence]) => ({
    cause: "upstream-unavailable",
    subject: { kind: "host", name: host },
    severity: "act",
    evidence,
    sinceMs: host === canaryHost ? (build.redSinceMs ?? nowMs) : nowMs,
  }));
}
