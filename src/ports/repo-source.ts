/** Where repositories come from. */
import type { Failure } from "#core/errors.ts";
import type { Repo, RepoSnapshot, ResolvedRepo } from "#core/repo/repo.ts";

export interface RepoSource {
  /**
   * The commit that the ref means now, exactly: a full ref name wins, then branch, then tag
   * (annotated tags give their commit); 40 hex digits are taken as they are; null is the default branch.
   * For a local folder null is its content as it is now. `path` loses what turns out to belong to the
   * ref. Reads only. May be repeated.
   */
  resolve(
    repo: Repo,
    signal: AbortSignal,
  ): Promise<
    | {
        readonly kind: "resolved";
        readonly repo: ResolvedRepo;
        /** A sentence for the person when what was taken is not quite what was asked for. */
        readonly note?: string;
      }
    | { readonly kind: "failed"; readonly failure: Failure }
  >;

  /**
   * Makes the commit present in the local mirror (one commit deep, with submodules, and LFS where
   * installed) and returns what the planner needs. Idempotent; concurrent calls for one mirror wait
   * for each other. Known commits cost no network.
   */
  fetch(
    repo: ResolvedRepo,
    options: { readonly signal: AbortSignal; readonly onLine: (line: string) => void },
  ): Promise<
    | { readonly kind: "fetched"; readonly snapshot: RepoSnapshot }
    | { readonly kind: "failed"; readonly failure: Failure }
  >;

  /**
   * Writes the commit's content into an existing empty directory, without a `.git` that names
   * credentials, never outside the directory. Needs an earlier `fetch`. May be repeated after the
   * directory was emptied.
   */
  checkout(repo: ResolvedRepo, directory: string, signal: AbortSignal): Promise<void>;
}
