/** What a person points at: a provider and its spec, and where Git finds it. */

export type ProviderId = "gh" | "gl" | "gist" | "git" | "local";

/** A repository as asked for. Plain data: it is stored in records and sent over the API. */
export interface Repo {
  readonly provider: ProviderId;
  /**
   * The provider's spec in BinderHub's form, without the ref: `owner/name` for gh,
   * the percent-encoded namespace for gl, the percent-encoded URL for git, `user/id` for gist,
   * the percent-encoded absolute path for local.
   */
  readonly spec: string;
  /** What Git is given: never with credentials in it. For `local`, an absolute path. */
  readonly url: string;
  /** Branch, tag, full ref name or commit, as asked for; null for the default branch. */
  readonly ref: string | null;
  /**
   * What to open, relative to the repository's root; only for the address of a page
   * (`…/tree/feature/x/notebooks`). Such an address does not tell where the ref ends: until the repo
   * is resolved, `path` may begin with the rest of the ref. `resolve` moves what belongs there to
   * `ref`; in a `ResolvedRepo` it is the path and nothing else.
   */
  readonly path?: string;
}

/** A repo whose ref was resolved, once, exactly. */
export interface ResolvedRepo extends Repo {
  /** 40 hex digits: the commit, or for a plain local folder the Git tree hash of its content. */
  readonly commit: string;
  /** Full name of what the ref was, e.g. `refs/heads/main`; absent for a hash or a plain folder. */
  readonly refName?: string;
}

/** One entry of a commit's tree, by path relative to the repository's root. */
export interface RepoFile {
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  /** Of the blob; 0 for submodules. */
  readonly sizeBytes: number;
  /** Git's own hash of the content. */
  readonly hash: string;
}

/** A commit as the planner sees it: its listing and the contents of the files that it may ask for. */
export interface RepoSnapshot {
  readonly files: readonly RepoFile[];
  /**
   * Contents (UTF-8, or null when not UTF-8 text) of the files that the planner reads, by path:
   * `filesWanted` names those that are missing. A link has the content of the file it leads to.
   */
  readonly contents: ReadonlyMap<string, string | null>;
  /** Targets of symbolic links, by path; absent when there are none. */
  readonly links?: ReadonlyMap<string, string>;
}
