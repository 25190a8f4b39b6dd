/** The one key of each repository, worked out once: launches ask for it at every turn. */
import { canonicalUrl } from "#core/repo/provider.ts";
import type { Repo } from "#core/repo/repo.ts";

const KEPT_MAX = 10_000;

export class RepoKeys {
  /** By provider and URL. */
  readonly #keys = new Map<string, Map<string, string>>();
  #count = 0;

  of(repo: Repo): string {
    const known = this.#keys.get(repo.provider)?.get(repo.url);
    if (known !== undefined) return known;
    // Forgetting all of them costs as much as working out a few.
    if (this.#count >= KEPT_MAX) {
      this.#keys.clear();
      this.#count = 0;
    }
    const key = canonicalUrl(repo);
    const ofProvider = this.#keys.get(repo.provider) ?? new Map<string, string>();
    this.#keys.set(repo.provider, ofProvider.set(repo.url, key));
    this.#count += 1;
    return key;
  }
}
