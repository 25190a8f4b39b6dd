/** Git hosts with repositories that differ in what they need installed. */
import { failure } from "#core/errors.ts";
import type { RepoSnapshot } from "#core/repo/repo.ts";
import type { RepoSource } from "#ports/repo-source.ts";

const HOST = "github.com";
const COMMIT = "c".repeat(40);

export class PretendRepos {
  readonly downHosts = new Set<string>();
  /** One object each, as a mirror that is known already gives it. */
  readonly #snapshots = new Map<string, RepoSnapshot>();

  readonly source: RepoSource = {
    resolve: async (repo) => {
      const host = repo.url.split("/")[2] ?? "";
      if (this.downHosts.has(host)) return { kind: "failed", failure: failure("repo-unreachable") };
      return { kind: "resolved", repo: { ...repo, commit: COMMIT } };
    },
    fetch: async (repo) => ({ kind: "fetched", snapshot: this.snapshot(repo.url) }),
    checkout: async () => undefined,
  };

  snapshot(url: string): RepoSnapshot {
    const known = this.#snapshots.get(url);
    if (known !== undefined) return known;
    const snapshot = snapshotOf(url);
    this.#snapshots.set(url, snapshot);
    return snapshot;
  }
}

/** One string each: whatever is counted by repository looks it up many times for each launch. */
const URLS = new Map<string, string>();

/** Address of the repository that a drill calls `name`. */
export function repoUrl(name: string): string {
  let url = URLS.get(name);
  if (url === undefined) {
    url = `https://${HOST}/drills/${name}`;
    URLS.set(name, url);
  }
  return url;
}

/** The name that a drill gave to the repository. */
export function repoName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** Every repository wants a package that is named like it, so that each has its own environment. */
function snapshotOf(url: string): RepoSnapshot {
  const line = `package-of-${repoName(url)}\n`;
  return {
    files: [
      { path: "requirements.txt", kind: "file", sizeBytes: line.length, hash: "0".repeat(40) },
    ],
    contents: new Map([["requirements.txt", line]]),
  };
}
