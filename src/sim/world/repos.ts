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
      return { kind: "resolved", repo: { ...repo, commit: commitOf(repo.ref) } };
    },
    fetch: async ({ ref, url }) => ({ kind: "fetched", snapshot: this.snapshot(url, ref) }),
    checkout: async () => undefined,
  };

  snapshot(url: string, ref: string | null = null): RepoSnapshot {
    const name = ref === null ? url : `${url}@${ref}`;
    const known = this.#snapshots.get(name);
    if (known !== undefined) return known;
    const snapshot = snapshotOf(name);
    this.#snapshots.set(name, snapshot);
    return snapshot;
  }
}

/** One string each: whatever is counted by repository looks it up many times for each launch. */
const URLS = new Map<string, string>();

/** Address of the repository that a drill calls `name`, or `name@ref`. */
export function repoUrl(name: string): string {
  let url = URLS.get(name);
  if (url === undefined) {
    url = `https://${HOST}/drills/${name.split("@")[0]}`;
    URLS.set(name, url);
  }
  return url;
}

/** Of `name@ref`; null: its newest commit. */
export function repoRef(name: string): string | null {
  return name.split("@")[1] ?? null;
}

/** Each ref has a commit of its own. */
function commitOf(ref: string | null): string {
  if (ref === null) return COMMIT;
  const digits = Array.from(ref, (letter) => letter.charCodeAt(0).toString(16)).join("");
  return digits.padStart(40, "0").slice(-40);
}

/** The name that a drill gave to the repository. */
export function repoName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** Every repository wants a package that is named like it, so that each has its own environment. */
function snapshotOf(url: string): RepoSnapshot {
  const line = `package-of-${repoName(url).replace("@", "-at-")}\n`;
  return {
    files: [
      { path: "requirements.txt", kind: "file", sizeBytes: line.length, hash: "0".repeat(40) },
    ],
    contents: new Map([["requirements.txt", line]]),
  };
}
