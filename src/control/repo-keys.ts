/** The one key of each repository, worked out once: launches ask for it at every turn. */
import { canonicalUrl } from "#core/repo/provider.ts";
import type { Repo } from "#core/repo/repo.ts";

const KEPT_MAX = 10_000;

export class RepoKeys {
  readonly #keys = new Map<string, string>();

  of(repo: Repo): string {
    const named = `${repo.provider} ${repo.url}`;
    const known = this.#keys.get(named);
    if (known !== undefined) return known;
    // Forgetting all of them costs as much as working out a few.
    if (this.#keys.size >= KEPT_MAX) this.#keys.clear();
    const key = canonicalUrl(repo);
    this.#keys.set(named, key);
    return key;
  }
}
